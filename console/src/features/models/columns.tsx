/** The columns of the list of models. */
import { Anchor } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import type { Column } from "@/components/data-table/data-table"
import { CopyButton } from "@/components/ui/copyable"
import { StatusPill } from "@/components/ui/status-pill"
import { NOTHING, price as written, whole } from "@/lib/format"
import type { ModelSearch } from "./index"
import classes from "./models.module.css"
import type { Bucket, ModelRow } from "./prices"

export function ModelStatus({ row }: { row: ModelRow }) {
  const { t } = useTranslation("models")
  if (!row.price) return <StatusPill tone="warn">{t("status.unpriced")}</StatusPill>
  return row.is_served ? <StatusPill tone="ok">{t("status.served")}</StatusPill> : <StatusPill tone="off">{t("status.notServed")}</StatusPill>
}

function Amount({ row, bucket }: { row: ModelRow; bucket: Bucket }) {
  const { t } = useTranslation("models")
  if (row.price?.per_call != null && bucket === "input") return t("perCall", { price: written(row.price.per_call) })
  const found = row.price?.[bucket]
  if (found == null) return NOTHING
  const own = bucket === "output" || row.own.includes(bucket)
  return (
    <span className={own ? undefined : classes.rule} title={own ? undefined : t("byRule")}>
      {written(found)}
    </span>
  )
}

function Final({ row }: { row: ModelRow }) {
  const { t } = useTranslation("models")
  if (!row.final) return NOTHING
  if (row.final.per_call != null) return t("perCall", { price: written(row.final.per_call) })
  return `${written(row.final.input ?? 0)} / ${written(row.final.output ?? 0)}`
}

export function useColumns(search: ModelSearch, group: string, admin: boolean): Column<ModelRow>[] {
  const { t } = useTranslation("models")
  const right = { textAlign: "right", cellsClassName: "num" } as const
  const bucket = (name: Bucket): Column<ModelRow> => ({
    ...right,
    accessor: `price.${name}`,
    title: t(`bucket.${name}`),
    width: 104,
    render: (row) => <Amount row={row} bucket={name} />,
  })
  return [
    {
      accessor: "model",
      title: t("column.model"),
      render: (row) => (
        <span className={classes.name}>
          <Anchor
            data-row
            className="mono cut"
            title={row.model}
            renderRoot={(props) => <Link {...props} to="/models" search={{ ...search, open: row.model }} resetScroll={false} />}
          >
            {row.model}
          </Anchor>
          <CopyButton text={row.model} label={t("copyName", { model: row.model })} />
        </span>
      ),
    },
    { accessor: "status", title: t("column.status"), width: 120, render: (row) => <ModelStatus row={row} /> },
    bucket("input"),
    bucket("output"),
    bucket("cache_read"),
    bucket("cache_write"),
    { ...right, accessor: "final", title: t("column.final", { group }), width: 190, render: (row) => <Final row={row} /> },
    { ...right, accessor: "channels", title: t("column.channels"), width: 86, hidden: !admin, render: (row) => whole(row.channels) },
  ]
}
