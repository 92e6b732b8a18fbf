import { createFileRoute } from "@tanstack/react-router"
import { Requests } from "@/features/requests"
import { readSearch } from "@/features/requests/search"

export const Route = createFileRoute("/_console/requests")({ validateSearch: readSearch, component: Listed })

function Listed() {
  return <Requests search={Route.useSearch()} />
}
