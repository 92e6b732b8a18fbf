import { createFileRoute } from "@tanstack/react-router"
import { ChannelDetail } from "@/features/channels/detail"
import { TABS, type Tab } from "@/features/channels/search"
import { forAdmins } from "@/lib/guards"

export const Route = createFileRoute("/_console/channels/$id")({
  validateSearch: (search: Record<string, unknown>): { tab?: Tab; page?: number; state?: number } => ({
    ...(TABS.includes(search.tab as Tab) && { tab: search.tab as Tab }),
    ...(Number(search.page) > 1 && { page: Math.floor(Number(search.page)) }),
    ...([1, 2, 3].includes(Number(search.state)) && { state: Number(search.state) }),
  }),
  beforeLoad: forAdmins,
  component: ChannelPage,
})

function ChannelPage() {
  const { id } = Route.useParams()
  return <ChannelDetail key={id} {...Route.useSearch()} id={Number(id)} />
}
