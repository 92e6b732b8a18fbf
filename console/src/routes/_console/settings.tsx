import { createFileRoute } from "@tanstack/react-router"
import { Settings } from "@/features/settings"
import { forRoot } from "@/lib/guards"

export const Route = createFileRoute("/_console/settings")({
  validateSearch: (search: Record<string, unknown>): { find?: string } => (typeof search.find === "string" && search.find ? { find: search.find } : {}),
  beforeLoad: forRoot,
  component: SettingsPage,
})

function SettingsPage() {
  const { find = "" } = Route.useSearch()
  const go = Route.useNavigate()
  return <Settings find={find} onFind={(words) => void go({ search: words ? { find: words } : {}, replace: true })} />
}
