import { createRootRoute, Outlet, redirect } from "@tanstack/react-router"
import { BrokenSite } from "@/components/layout/page-states"
import { present } from "@/lib/old-paths"
import { queryClient } from "@/lib/query"
import { session } from "@/lib/session"
import { statusQuery } from "@/lib/status"

export const Route = createRootRoute({
  beforeLoad: async ({ location }) => {
    const moved = present(location.pathname)
    if (moved) throw redirect({ to: moved, replace: true })
    const [status] = await Promise.all([queryClient.ensureQueryData(statusQuery), session.restore().catch(() => false)])
    if (!status.setup && location.pathname !== "/setup") throw redirect({ to: "/setup" })
  },
  component: Outlet,
  errorComponent: BrokenSite,
})
