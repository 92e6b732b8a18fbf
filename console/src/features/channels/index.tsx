/** Channels: how each stands, what it serves, what can be done to it. */
import { Button, Menu } from "@mantine/core"
import { Link, useNavigate, useSearch } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { DataTable, type Sort } from "@/components/data-table/data-table"
import { Pager } from "@/components/data-table/pager"
import { Page } from "@/components/layout/page"
import { Panel } from "@/components/ui/panel"
import { DISABLED, useChannels, useGroups, type ChannelRow } from "./api"
import { BulkBar } from "./bulk-bar"
import { useColumns, useProviderName } from "./columns"
import { useDeeds, WithDeeds } from "./deeds"
import { Filters } from "./filters"
import { Guarded, useLack } from "./rights"
import { useRound } from "./round"
import { DEFAULT_SIZE, isFiltered, type ChannelSearch, type Sorting } from "./search"
import { TagGroups } from "./tag-groups"

const LOOK_EVERY_MS = 1500
const ROUND_WITHIN_S = 120

export function Channels() {
  return (
    <WithDeeds>
      <List />
    </WithDeeds>
  )
}

function Actions({ testing, testAll }: { testing: boolean; testAll: () => void }) {
  const { t } = useTranslation("channels")
  const deeds = useDeeds()
  const operate = useLack("operate")
  const sensitive = useLack("sensitive_write")
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default">{t("common:action.more")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={Boolean(operate) || testing} title={operate || undefined} onClick={testAll}>
            {t(testing ? "page.testing" : "page.testAll")}
          </Menu.Item>
          <Menu.Item disabled={Boolean(sensitive)} title={sensitive || undefined} color="var(--mantine-color-error)" onClick={deeds.removeDisabled}>
            {t("page.deleteDisabled")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Guarded lack={sensitive}>
        {(off) =>
          off ? (
            <Button disabled>{t("page.create")}</Button>
          ) : (
            <Button component={Link} to="/channels/new">
              {t("page.create")}
            </Button>
          )
        }
      </Guarded>
    </>
  )
}

function List() {
  const { t } = useTranslation("channels")
  const search: ChannelSearch = useSearch({ from: "/_console/channels/" })
  const go = useNavigate({ from: "/channels/" })
  const deeds = useDeeds()
  const [since, start] = useRound()
  const [selected, select] = useState<number[]>([])
  const isLate = (rows: ChannelRow[] | undefined) => rows?.some((row) => row.status !== DISABLED && row.tested_at < since) && Date.now() / 1000 < since + ROUND_WITHIN_S
  const [testing, setTesting] = useState(false)
  const found = useChannels(search, testing ? LOOK_EVERY_MS : false)
  const groups = useGroups()
  const providerName = useProviderName()
  const columns = useColumns({ tags: search.by !== "tag" })
  const data = found.data
  const rows = data?.items
  if (testing && since && !found.isFetching && !isLate(rows)) setTesting(false)
  const set = (change: Partial<ChannelSearch>) => {
    select([])
    void go({ search: (now: ChannelSearch) => ({ ...now, page: undefined, ...change }), replace: true })
  }
  const sort: Sort<ChannelRow> = { columnAccessor: search.sort ?? "priority", direction: search.ascending ? "asc" : "desc" }
  const picked = rows?.filter((row) => selected.includes(row.id)) ?? []
  const types = Object.entries(data?.types ?? {}).map(([type, count]) => ({ value: type, label: t("filter.counted", { name: providerName(Number(type)), count }) }))
  const byTag = search.by === "tag" && rows !== undefined && rows.length > 0
  const empty = isFiltered(search)
    ? { title: t("empty.filtered"), action: <Button variant="default" onClick={() => void go({ search: {} })}>{t("filter.clear")}</Button> }
    : { title: t("empty.title"), text: t("empty.text"), action: <Button component={Link} to="/channels/new">{t("page.create")}</Button> }
  const testAll = () => {
    setTesting(true)
    deeds.attempt(
      start().catch((reason: unknown) => {
        setTesting(false)
        throw reason
      }),
    )
  }
  return (
    <Page title={t("page.title")} text={t("page.text")} actions={<Actions testing={testing} testAll={testAll} />}>
      <Panel flush>
        <Filters search={search} set={set} types={types} groups={groups.data ?? []} tags={data?.tags.map(({ tag }) => tag) ?? []} />
        {picked.length > 0 && <BulkBar rows={picked} clear={() => select([])} />}
        {byTag ? (
          <TagGroups rows={rows} columns={columns} tags={data?.tags ?? []} />
        ) : (
          <DataTable<ChannelRow>
            label={t("page.title")}
            columns={columns}
            rows={rows}
            idOf={(row) => row.id}
            error={found.isError && !data ? found.error : undefined}
            retry={() => void found.refetch()}
            empty={empty}
            stale={found.isPlaceholderData}
            sort={sort}
            onSort={({ columnAccessor, direction }) => set({ sort: columnAccessor as Sorting, ascending: direction === "asc" || undefined })}
            selected={picked}
            onSelect={(chosen) => select(chosen.map(({ id }) => id))}
          />
        )}
        {data && data.total > 0 && (
          <Pager page={data.page} size={search.size ?? DEFAULT_SIZE} total={data.total} onPage={(page) => set({ page })} onSize={(size) => set({ size })} />
        )}
      </Panel>
    </Page>
  )
}
