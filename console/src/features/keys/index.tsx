/** One's own API keys. */
import { Button, Group, NativeSelect } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { getRouteApi } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { DataTable } from "@/components/data-table/data-table"
import { Pager } from "@/components/data-table/pager"
import { Page } from "@/components/layout/page"
import { FindField } from "@/components/ui/find-field"
import { Panel } from "@/components/ui/panel"
import { useUnit } from "@/lib/status"
import { useKeys, useMonth, type Key } from "./api"
import { BulkBar } from "./bulk-bar"
import { useColumns } from "./columns"
import { Drawer } from "./drawer"
import { useActions } from "./actions"
import { DEFAULT_SIZE, STATES, type Search } from "./search"

const route = getRouteApi("/_console/keys")
const NONE: Key[] = []

export function Keys() {
  const { t } = useTranslation("keys")
  const search = route.useSearch()
  const go = route.useNavigate()
  const change = (to: Partial<Search>) => void go({ search: (was) => ({ ...was, ...to }) })
  const filter = (to: Partial<Search>) => void go({ search: (was) => ({ ...was, page: undefined, ...to }), replace: true })
  const { data, error, refetch, isPlaceholderData } = useKeys(search)
  const [chosen, choose] = useState<number[]>([])
  const actions = useActions()
  const columns = useColumns(actions, useMonth(), useUnit())
  const rows = data?.items
  const selected = rows?.filter(({ id }) => chosen.includes(id)) ?? NONE
  const filtered = Boolean(search.find || search.status)
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => change({ open: "new" })}>
      {t("create")}
    </Button>
  )
  return (
    <Page title={t("common:nav.keys")} text={t("lead")} actions={create}>
      <Group mb="sm" gap="xs">
        <FindField label={t("find")} words={search.find} onFind={(find) => filter({ find })} />
        <NativeSelect
          aria-label={t("column.status")}
          value={search.status ?? ""}
          data={[{ value: "", label: t("state.any") }, ...STATES.map((state) => ({ value: state, label: t(`state.${state}`) }))]}
          onChange={(event) => filter({ status: STATES.find((state) => state === event.currentTarget.value) })}
        />
      </Group>
      <BulkBar keys={selected} actions={actions} onClear={() => choose([])} />
      <Panel flush>
        <DataTable<Key>
          label={t("common:nav.keys")}
          columns={columns}
          rows={rows}
          idOf={({ id }) => id}
          error={error}
          retry={() => void refetch()}
          stale={isPlaceholderData}
          selected={selected}
          onSelect={(keys) => choose(keys.map(({ id }) => id))}
          empty={filtered ? { title: t("empty.filtered"), text: t("empty.filteredText") } : { title: t("empty.title"), text: t("empty.text"), action: create }}
        />
        {data && data.total > 0 && (
          <Pager page={search.page ?? 1} size={search.size ?? DEFAULT_SIZE} total={data.total} onPage={(page) => change({ page })} onSize={(size) => filter({ size })} />
        )}
      </Panel>
      <Drawer open={search.open} actions={actions} onClose={() => change({ open: undefined })} />
      {actions.dialog}
    </Page>
  )
}
