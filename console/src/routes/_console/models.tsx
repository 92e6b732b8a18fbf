import { createFileRoute } from "@tanstack/react-router"
import { Models, type ModelSearch } from "@/features/models"

const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value))
const count = (value: unknown) => (Number(value) > 1 ? Math.trunc(Number(value)) : undefined)

export const Route = createFileRoute("/_console/models")({
  validateSearch: (given: Record<string, unknown>): ModelSearch => ({
    find: text(given.find),
    show: given.show === "unpriced" || given.show === "all" ? given.show : undefined,
    group: text(given.group),
    open: text(given.open),
    edit: given.edit === "groups" || given.edit === "several" ? given.edit : undefined,
    page: count(given.page),
    size: count(given.size),
  }),
  component: Shown,
})

function Shown() {
  return <Models search={Route.useSearch()} />
}
