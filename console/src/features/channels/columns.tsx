/** The columns of the list of channels. */
import { Group, VisuallyHidden } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Column } from "@/components/data-table/data-table"
import { money, NOTHING, whole } from "@/lib/format"
import { useUnit } from "@/lib/status"
import { useEdit, useHealth, useProviders, type ChannelRow } from "./api"
import { InlineNumber } from "./inline-number"
import { TextLink } from "./links"
import { useLack } from "./rights"
import { RowMenu } from "./row-menu"
import { ChannelStatus, LastHour, LastTest } from "./status"

/** Names of providers by number; unknown ones by their number. */
export function useProviderName(): (type: number) => string {
  const { t } = useTranslation("channels")
  const names = new Map(useProviders().data?.map(({ type, name }) => [type, name]))
  return (type) => names.get(type) ?? t("provider.unknown", { type })
}

function Name({ row }: { row: ChannelRow }) {
  const { t } = useTranslation("channels")
  const params = { id: String(row.id) }
  return (
    <div style={{ minWidth: 0 }}>
      <TextLink to="/channels/$id" params={params} data-row className="cut" fw={600} size="sm" title={row.remark || undefined} style={{ display: "block" }}>
        {row.name || t("row.nameless", { id: row.id })}
      </TextLink>
      <Group gap={8} wrap="nowrap">
        <span className="dim" style={{ fontSize: 12 }}>
          #{row.id}
        </span>
        {row.keys > 0 && (
          <TextLink to="/channels/$id" params={params} search={{ tab: "keys" }} size="xs" className={row.keys_on < row.keys ? "tone-warn" : undefined} style={{ whiteSpace: "nowrap" }}>
            {t("row.keys", { on: whole(row.keys_on), all: whole(row.keys) })}
          </TextLink>
        )}
      </Group>
    </div>
  )
}

export function useColumns({ tags = true }: { tags?: boolean } = {}): Column<ChannelRow>[] {
  const { t } = useTranslation("channels")
  const providerName = useProviderName()
  const unit = useUnit()
  const health = useHealth()
  const edit = useEdit()
  const write = useLack("write")
  const cut = (text: string, title = text) => (
    <div className="cut" title={title}>
      {text || <span className="dim">{NOTHING}</span>}
    </div>
  )
  const figure = (field: "priority" | "weight", min?: number): Column<ChannelRow> => ({
    accessor: field,
    title: t(`column.${field}`),
    width: field === "priority" ? 82 : 80,
    textAlign: "right",
    sortable: field === "priority",
    render: (row) => <InlineNumber label={t(`inline.${field}`, { name: row.name })} value={row[field]} min={min} lack={write} save={(value) => edit.mutateAsync({ id: row.id, [field]: value })} />,
  })
  return [
    { accessor: "name", title: t("column.name"), width: 150, sortable: true, render: (row) => <Name row={row} /> },
    { accessor: "type", title: t("column.provider"), width: 84, render: (row) => cut(providerName(row.type)) },
    { accessor: "status", title: t("column.status"), width: 130, render: (row) => <ChannelStatus status={row.status} reason={row.status_reason} at={row.status_at} /> },
    { accessor: "models", title: t("column.models"), width: 76, textAlign: "right", render: (row) => <span className="num">{whole(row.models)}</span> },
    { accessor: "groups", title: t("column.groups"), width: 76, render: (row) => cut(row.groups.join(", ")) },
    { accessor: "tag", title: t("column.tag"), width: 74, hidden: !tags, render: (row) => cut(row.tag) },
    figure("priority"),
    figure("weight", 0),
    { accessor: "test_time", title: t("column.test"), width: 110, sortable: true, render: (row) => <LastTest row={row} /> },
    { accessor: "health", title: t("column.health"), width: 92, render: (row) => <LastHour health={health.byId.get(row.id)} isKnown={health.isKnown} /> },
    { accessor: "used_quota", title: t("column.used"), width: 74, textAlign: "right", render: (row) => <span className="num">{money(row.used_quota, unit)}</span> },
    { accessor: "actions", title: <VisuallyHidden>{t("column.actions")}</VisuallyHidden>, width: 78, textAlign: "right", render: (row) => <RowMenu row={row} /> },
  ]
}
