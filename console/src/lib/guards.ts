/** Who may open a page: others are led to what is theirs. */
import { redirect } from "@tanstack/react-router"
import { isAdmin, isRoot, session } from "@/lib/session"

export function forAdmins(): void {
  if (session.user && !isAdmin(session.user)) throw redirect({ to: "/overview" })
}

export function forRoot(): void {
  if (session.user && !isRoot(session.user)) throw redirect({ to: "/overview" })
}
