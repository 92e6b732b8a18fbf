/** The rows of a table where it is narrow: one card a row, the same columns. */
import { Checkbox } from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import classes from "./data-table.module.css"
import type { Column } from "./data-table"

interface Props<Row> {
  label: string
  columns: Column<Row>[]
  rows: Row[]
  idOf: (row: Row) => string | number
  selected?: Row[]
  onSelect?: (rows: Row[]) => void
}

function cell<Row>(column: Column<Row>, row: Row, index: number): ReactNode {
  return column.render ? column.render(row, index) : String((row as Record<string, unknown>)[String(column.accessor)] ?? "")
}

export function Cards<Row extends object>({ label, columns, rows, idOf, selected, onSelect }: Props<Row>) {
  const { t } = useTranslation()
  const shown = columns.filter((column) => !column.hidden)
  const [head, ...rest] = shown
  if (!head) return null
  const toggle = (row: Row) => {
    const id = idOf(row)
    const without = (selected ?? []).filter((one) => idOf(one) !== id)
    onSelect?.(without.length === (selected ?? []).length ? [...without, row] : without)
  }
  return (
    <ul className={classes.cards} aria-label={label}>
      {rows.map((row, index) => (
        <li key={idOf(row)} className={classes.card}>
          <div className={classes.cardHead}>
            {onSelect && (
              <Checkbox aria-label={t("table.selectRow")} checked={(selected ?? []).some((one) => idOf(one) === idOf(row))} onChange={() => toggle(row)} />
            )}
            <div className={classes.cardName}>{cell(head, row, index)}</div>
          </div>
          <dl>
            {rest.map((column) => (
              <div key={String(column.accessor)} className={classes.cardLine}>
                <dt>{column.title}</dt>
                <dd>{cell(column, row, index)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}
