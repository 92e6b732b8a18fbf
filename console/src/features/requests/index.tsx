/** Every call: what came of it, what it used and cost. */
import { ActionIcon, Anchor, Button, NativeSelect, Text } from "@mantine/core"
import { IconDownload, IconRefresh } from "@tabler/icons-react"
import { useQueryClient } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { DataTable } from "@/components/data-table/data-table"
import { Page } from "@/components/layout/page"
import { ErrorState } from "@/components/ui/states"
import { dateTime } from "@/lib/format"
import { useExport, useRequests } from "./api"
import { useColumns } from "./columns"
import { Detail } from "./detail"
import { FilterBar } from "./filter-bar"
import classes from "./requests.module.css"
import { refined, type RequestSearch } from "./search"
import { Totals } from "./totals"

const SIZES = [50, 100]

function Foot({ search, page, onGo }: { search: RequestSearch; page: { older: string; newer: string; looked_to: number } | undefined; onGo: (to: RequestSearch) => void }) {
  const { t } = useTranslation("requests")
  const older = page?.older ?? ""
  return (
    <nav className={classes.foot} aria-label={t("common:table.pages")}>
      <Text size="sm" className="dim" style={{ flex: 1 }}>
        {page?.looked_to ? t("page.lookedTo", { time: dateTime(page.looked_to) }) : ""}
      </Text>
      <NativeSelect
        size="xs"
        aria-label={t("common:table.pageSize")}
        value={String(search.size ?? 50)}
        data={SIZES.map((count) => ({ value: String(count), label: t("common:table.rows", { count }) }))}
        onChange={(event) => onGo(refined(search, { size: event.currentTarget.value === "100" ? 100 : undefined }))}
      />
      {(search.before || search.after) && (
        <Button size="xs" variant="default" onClick={() => onGo(refined(search, {}))}>
          {t("page.newest")}
        </Button>
      )}
      <Button size="xs" variant="default" disabled={!page?.newer} onClick={() => onGo(refined(search, { after: page?.newer }))}>
        {t("page.newer")}
      </Button>
      <Button size="xs" variant="default" disabled={!older} onClick={() => onGo(refined(search, { before: older }))}>
        {t(page?.looked_to ? "page.lookFurther" : "page.older")}
      </Button>
    </nav>
  )
}

export function Requests({ search }: { search: RequestSearch }) {
  const { t } = useTranslation("requests")
  const go = useNavigate()
  const cache = useQueryClient()
  const { data, error, refetch, isPlaceholderData } = useRequests(search)
  const columns = useColumns(search)
  const file = useExport(search)
  const show = (to: RequestSearch) => void go({ to: "/requests", search: to })
  const change = (to: RequestSearch) => show(refined(search, to))
  const { open, ...rest } = search
  const untouched = Object.keys(rest).length === 0
  const empty = data?.looked_to
    ? { title: t("empty.soFar", { time: dateTime(data.looked_to) }), text: t("empty.soFarText") }
    : untouched
      ? { title: t("empty.none"), text: t("empty.noneText"), action: <Anchor component={Link} to="/keys">{t("empty.toKeys")}</Anchor> }
      : { title: t("empty.filtered"), text: t("empty.filteredText"), action: <Button variant="default" onClick={() => show({ range: "all" })}>{t("empty.clear")}</Button> }
  return (
    <Page
      title={t("title")}
      actions={
        <>
          <ActionIcon variant="default" size={36} aria-label={t("page.refresh")} onClick={() => void cache.invalidateQueries({ queryKey: ["requests"] })}>
            <IconRefresh size={16} />
          </ActionIcon>
          <Button variant="default" leftSection={<IconDownload size={15} />} loading={file.isPending} onClick={() => file.mutate()}>
            {t("page.export")}
          </Button>
        </>
      }
    >
      <FilterBar search={search} onChange={change} />
      <Totals search={search} onChange={change} />
      {file.error && <ErrorState error={file.error} retry={() => file.mutate()} />}
      <div className={classes.table}>
        <DataTable label={t("title")} columns={columns} rows={data?.items} idOf={(row) => row.id} error={error} retry={() => void refetch()} stale={isPlaceholderData} empty={empty} />
      </div>
      {(data?.items.length || data?.looked_to || search.before || search.after) && <Foot search={search} page={isPlaceholderData ? undefined : data} onGo={show} />}
      <Detail requestId={open} onClose={() => show(rest)} />
    </Page>
  )
}
