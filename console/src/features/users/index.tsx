/** The users of this site. */
import { Button } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { DataTable } from "@/components/data-table/data-table"
import { Pager } from "@/components/data-table/pager"
import { Page } from "@/components/layout/page"
import { Panel } from "@/components/ui/panel"
import { useUsers, type User } from "./api"
import { Bulk } from "./bulk"
import { useColumns } from "./columns"
import { Filters } from "./filters"
import { NewUser } from "./new-user"
import { UserSheet, type Tab } from "./user-sheet"

export interface UserSearch {
  find?: string
  group?: string
  role?: string
  status?: string
  sort?: string
  order?: "asc"
  open?: number
  tab?: Tab
  edit?: "new"
  page?: number
  size?: number
}

const SIZE = 50
const NONE: User[] = []

/** The chosen users as the list has them now: their balances may have moved since they were chosen. */
function present(chosen: User[], listed: User[] = NONE): User[] {
  return chosen.map((one) => listed.find(({ id }) => id === one.id) ?? one)
}

export function Users({ search }: { search: UserSearch }) {
  const { t } = useTranslation("users")
  const go = useNavigate()
  const [selected, setSelected] = useState<User[]>([])
  const { find = "", group = "", role = "", status = "", sort = "id", order = "desc", page = 1, size = SIZE } = search
  const { data, error, refetch, isPlaceholderData } = useUsers({ find, group, role, status, sort, order, page, size })
  const columns = useColumns(search, data?.items ?? NONE)
  const set = (changed: UserSearch) => void go({ to: "/users", search: { ...search, ...changed }, resetScroll: false })
  const close = () => set({ open: undefined, tab: undefined, edit: undefined })
  return (
    <Page title={t("common:nav.users")} actions={<Button onClick={() => set({ edit: "new" })}>{t("new.open")}</Button>}>
      <Filters search={search} onChange={(changed) => set({ ...changed, page: undefined })} />
      <Panel flush>
        {selected.length > 0 && <Bulk users={present(selected, data?.items)} onDone={() => setSelected([])} />}
        <DataTable<User>
          label={t("common:nav.users")}
          columns={columns}
          rows={data?.items}
          idOf={({ id }) => id}
          error={error}
          retry={() => void refetch()}
          empty={{ title: t("empty.title"), text: t("empty.text") }}
          stale={isPlaceholderData}
          sort={{ columnAccessor: sort, direction: order }}
          onSort={({ columnAccessor, direction }) => set({ sort: String(columnAccessor), order: direction === "asc" ? "asc" : undefined, page: undefined })}
          selected={selected}
          onSelect={setSelected}
        />
        {data && data.total > 0 && <Pager page={page} size={size} total={data.total} onPage={(next) => set({ page: next })} onSize={(next) => set({ size: next, page: undefined })} />}
      </Panel>
      {search.open !== undefined && <UserSheet id={search.open} tab={search.tab ?? "spend"} onTab={(tab) => set({ tab: tab === "spend" ? undefined : tab })} onClose={close} />}
      {search.edit === "new" && <NewUser onClose={close} />}
    </Page>
  )
}
