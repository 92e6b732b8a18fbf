import { createFileRoute } from "@tanstack/react-router"
import { Users, type UserSearch } from "@/features/users"
import { forAdmins } from "@/lib/guards"

const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value))
const count = (value: unknown, least: number) => (Number(value) >= least ? Math.trunc(Number(value)) : undefined)

export const Route = createFileRoute("/_console/users")({
  validateSearch: (given: Record<string, unknown>): UserSearch => ({
    find: text(given.find),
    group: text(given.group),
    role: text(given.role),
    status: text(given.status),
    sort: text(given.sort),
    order: given.order === "asc" ? "asc" : undefined,
    open: count(given.open, 1),
    tab: given.tab === "account" ? "account" : undefined,
    edit: given.edit === "new" ? "new" : undefined,
    page: count(given.page, 2),
    size: count(given.size, 1),
  }),
  beforeLoad: forAdmins,
  component: Shown,
})

function Shown() {
  return <Users search={Route.useSearch()} />
}
