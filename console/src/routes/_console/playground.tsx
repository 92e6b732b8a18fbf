import { createFileRoute } from "@tanstack/react-router"
import { Playground } from "@/features/playground"
import { searchOf } from "@/features/playground/search"

export const Route = createFileRoute("/_console/playground")({ validateSearch: searchOf, component: Place })

function Place() {
  const go = Route.useNavigate()
  return <Playground search={Route.useSearch()} go={(search) => void go({ search, replace: true })} />
}
