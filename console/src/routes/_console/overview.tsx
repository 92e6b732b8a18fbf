import { createFileRoute } from "@tanstack/react-router"
import { Overview } from "@/features/overview"
import { readSearch } from "@/features/overview/search"

export const Route = createFileRoute("/_console/overview")({ validateSearch: readSearch, component: Shown })

function Shown() {
  return <Overview search={Route.useSearch()} />
}
