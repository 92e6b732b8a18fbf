import { createFileRoute, redirect } from "@tanstack/react-router"
import { SignIn } from "@/features/sign-in"
import { session } from "@/lib/session"

export const Route = createFileRoute("/sign-in")({
  codeSplitGroupings: [],
  validateSearch: (search: Record<string, unknown>): { then?: string } => (typeof search.then === "string" && search.then.startsWith("/") && !search.then.startsWith("//") ? { then: search.then } : {}),
  beforeLoad: ({ search }) => {
    if (session.user) throw redirect({ to: search.then ?? "/overview" })
  },
  component: Entrance,
})

function Entrance() {
  return <SignIn then={Route.useSearch().then} />
}
