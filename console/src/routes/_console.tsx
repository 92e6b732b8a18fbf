import { createFileRoute, Outlet, redirect, useRouter } from "@tanstack/react-router"
import { useEffect } from "react"
import { BrokenSite } from "@/components/layout/page-states"
import { Shell } from "@/components/layout/shell"
import { session, useVisitor } from "@/lib/session"

export const Route = createFileRoute("/_console")({
  beforeLoad: async ({ location }) => {
    if (!(await session.restore())) throw redirect({ to: "/sign-in", search: session.left ? {} : { then: location.href } })
  },
  component: Frame,
  errorComponent: BrokenSite,
})

/** What is within for those who are signed in; when they no longer are, the way in is asked again. */
function Frame() {
  const visitor = useVisitor()
  const router = useRouter()
  useEffect(() => {
    if (!visitor) void router.invalidate()
  }, [visitor, router])
  return visitor ? (
    <Shell>
      <Outlet />
    </Shell>
  ) : null
}
