/** Models and what they cost. */
import { Button, Text } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { DataTable } from "@/components/data-table/data-table"
import { Pager } from "@/components/data-table/pager"
import { Page } from "@/components/layout/page"
import { Panel } from "@/components/ui/panel"
import { isAdmin, isRoot, useSelf } from "@/lib/session"
import { useModels, type Show } from "./api"
import { useColumns } from "./columns"
import { Filters } from "./filters"
import { GroupsSheet } from "./groups-sheet"
import { ModelSheet } from "./model-sheet"
import classes from "./models.module.css"
import type { ModelRow } from "./prices"
import { SeveralSheet } from "./several-sheet"

export interface ModelSearch {
  find?: string
  show?: Show
  group?: string
  open?: string
  edit?: "groups" | "several"
  page?: number
  size?: number
}

const SIZE = 50

export function Models({ search }: { search: ModelSearch }) {
  const { t } = useTranslation("models")
  const self = useSelf()
  const go = useNavigate()
  const [selected, setSelected] = useState<ModelRow[]>([])
  const { find = "", show = "served", page = 1, size = SIZE } = search
  const { data, error, refetch, isPlaceholderData } = useModels({ find, show, group: search.group ?? "", page, size })
  const set = (changed: ModelSearch) => void go({ to: "/models", search: { ...search, ...changed }, resetScroll: false })
  const group = search.group ?? data?.group ?? ""
  const columns = useColumns(search, group, isAdmin(self))
  const root = isRoot(self)
  const close = () => set({ open: undefined, edit: undefined })
  const empty = find ? { title: t("empty.find", { find }) } : show === "unpriced" ? { title: t("empty.unpriced") } : { title: t("empty.title"), text: t("empty.text") }
  return (
    <Page
      title={t("common:nav.models")}
      text={t("lead")}
      actions={
        isAdmin(self) && (
          <Button variant="default" onClick={() => set({ edit: "groups" })}>
            {t("groups.open")}
          </Button>
        )
      }
    >
      <Filters
        find={find}
        show={show}
        group={group}
        groups={data?.groups ?? []}
        counts={data}
        wide={isAdmin(self)}
        onChange={(changed) => set({ ...changed, page: undefined })}
      />
      <Panel flush>
        {root && selected.length > 0 && (
          <div className={classes.bar}>
            <Text size="sm">{t("several.selected", { count: selected.length })}</Text>
            <Button size="xs" onClick={() => set({ edit: "several" })}>
              {t("several.open")}
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={() => setSelected([])}>
              {t("several.none")}
            </Button>
          </div>
        )}
        <DataTable<ModelRow>
          label={t("common:nav.models")}
          columns={columns}
          rows={data?.items}
          idOf={({ model }) => model}
          error={error}
          retry={() => void refetch()}
          empty={empty}
          stale={isPlaceholderData}
          selected={root ? selected : undefined}
          onSelect={root ? setSelected : undefined}
        />
        {data && data.total > 0 && <Pager page={page} size={size} total={data.total} onPage={(next) => set({ page: next })} onSize={(next) => set({ size: next, page: undefined })} />}
      </Panel>
      {search.open && <ModelSheet model={search.open} group={group} onClose={close} />}
      {search.edit === "groups" && <GroupsSheet onClose={close} />}
      {search.edit === "several" && selected.length > 0 && (
        <SeveralSheet
          rows={selected.map((row) => data?.items.find(({ model }) => model === row.model) ?? row)}
          onClose={close}
          onSaved={() => {
            setSelected([])
            close()
          }}
        />
      )}
    </Page>
  )
}
