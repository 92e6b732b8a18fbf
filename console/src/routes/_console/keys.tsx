import { createFileRoute } from "@tanstack/react-router"
import { Keys } from "@/features/keys"
import { searchOf } from "@/features/keys/search"

export const Route = createFileRoute("/_console/keys")({ validateSearch: searchOf, component: Keys })
