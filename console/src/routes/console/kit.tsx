import { createFileRoute } from "@tanstack/react-router"
import { Kit } from "@/features/kit"

export const Route = createFileRoute("/console/kit")({ component: Kit })
