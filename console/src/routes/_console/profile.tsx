import { createFileRoute } from "@tanstack/react-router"
import { Profile } from "@/features/profile"
import { searchOf } from "@/features/profile/search"

export const Route = createFileRoute("/_console/profile")({ validateSearch: searchOf, component: Profile })
