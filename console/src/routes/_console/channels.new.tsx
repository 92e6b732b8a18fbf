import { createFileRoute } from "@tanstack/react-router"
import { NewChannel } from "@/features/channels/editor/new"
import { forAdmins } from "@/lib/guards"

export const Route = createFileRoute("/_console/channels/new")({
  validateSearch: (search: Record<string, unknown>): { type?: number } => (Number.isInteger(search.type) ? { type: search.type as number } : {}),
  beforeLoad: forAdmins,
  component: NewChannelPage,
})

function NewChannelPage() {
  return <NewChannel type={Route.useSearch().type} />
}
