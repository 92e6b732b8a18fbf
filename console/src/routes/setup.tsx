import { createFileRoute, redirect } from "@tanstack/react-router"
import { FirstRun } from "@/features/first-run"
import { searchOf } from "@/features/first-run/search"
import { queryClient } from "@/lib/query"
import { isRoot, session } from "@/lib/session"
import { statusQuery } from "@/lib/status"

export const Route = createFileRoute("/setup")({
  validateSearch: searchOf,
  beforeLoad: async () => {
    const status = await queryClient.ensureQueryData(statusQuery)
    if (!status.setup) return
    if (!session.user) throw redirect({ to: "/sign-in", search: { then: "/setup" } })
    if (!isRoot(session.user)) throw redirect({ to: "/overview" })
  },
  component: FirstRun,
})
