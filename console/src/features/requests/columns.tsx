/** The columns of the request table; few nodes a row, since a page has a hundred. */
import { Link } from "@tanstack/react-router"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import type { Column } from "@/components/data-table/data-table"
import { compact, dateTime, duration, money, NOTHING, shortTime } from "@/lib/format"
import { isAdmin, useSelf } from "@/lib/session"
import { useUnit } from "@/lib/status"
import type { RequestView } from "./api"
import { Outcome } from "./outcome"
import type { RequestSearch } from "./search"

const number = { textAlign: "right" as const, cellsClassName: "num", titleClassName: "num" }

function named(name: string, id: number): string {
  return name || (id ? `#${id}` : NOTHING)
}

export function useColumns(search: RequestSearch): Column<RequestView>[] {
  const { t } = useTranslation("requests")
  const admin = isAdmin(useSelf())
  const unit = useUnit()
  return useMemo(() => {
    const told = (row: RequestView) => (row.first_token_ms === null ? duration(row.duration_ms) : `${duration(row.first_token_ms)} / ${duration(row.duration_ms)}`)
    const opener = (row: RequestView) => (
      <Link to="/requests" search={{ ...search, open: row.request_id }} title={dateTime(row.created_at)} className="row-link" data-row>
        {shortTime(row.created_at)}
      </Link>
    )
    const columns: Column<RequestView>[] = [
      { accessor: "created_at", title: t("column.time"), width: 136, noWrap: true, render: (row) => (row.request_id ? opener(row) : shortTime(row.created_at)) },
      { accessor: "outcome", title: t("column.outcome"), width: 106, noWrap: true, render: (row) => <Outcome request={row} /> },
      { accessor: "model", title: t("column.model"), ellipsis: true },
      { accessor: "key", title: t("column.key"), width: 96, ellipsis: true, render: (row) => named(row.key, row.key_id) },
      { accessor: "user", title: t("column.user"), width: 76, ellipsis: true, hidden: !admin, render: (row) => named(row.user, row.user_id) },
      { accessor: "channel", title: t("column.channel"), width: 108, ellipsis: true, hidden: !admin, render: (row) => named(row.channel, row.channel_id) },
      { accessor: "prompt_tokens", title: t("column.input"), width: 58, ...number, render: (row) => compact(row.prompt_tokens) },
      { accessor: "cached_tokens", title: t("column.cached"), width: 64, ...number, render: (row) => (row.cached_tokens ? compact(row.cached_tokens) : NOTHING) },
      { accessor: "completion_tokens", title: t("column.output"), width: 62, ...number, render: (row) => compact(row.completion_tokens) },
      { accessor: "duration_ms", title: t("column.duration"), width: 122, ...number, render: told },
      { accessor: "charge", title: t("column.charge"), width: 88, ...number, render: (row) => money(row.charge, unit) },
    ]
    return columns
  }, [search, admin, unit, t])
}
