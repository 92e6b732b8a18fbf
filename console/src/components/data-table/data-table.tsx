/** The one table: rows, cards where it is narrow, and the states without rows. */
import "mantine-datatable/styles.layer.css"
import { useMediaQuery } from "@mantine/hooks"
import { DataTable as Table, type DataTableColumn, type DataTableSortStatus } from "mantine-datatable"
import { useDeferredValue, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states"
import { Cards } from "./cards"
import classes from "./data-table.module.css"
import { useRowKeys } from "./row-keys"

export type Column<Row> = DataTableColumn<Row>
export type Sort<Row> = DataTableSortStatus<Row>

export interface DataTableProps<Row> {
  /** What the rows are, for screen readers. */
  label: string
  columns: Column<Row>[]
  rows: Row[] | undefined
  idOf: (row: Row) => string | number
  error?: unknown
  retry?: () => void
  /** Shown when there are no rows: why, and the next step. */
  empty: { title: string; text?: string; action?: ReactNode }
  /** True while these rows are being replaced. */
  stale?: boolean
  sort?: Sort<Row>
  onSort?: (sort: Sort<Row>) => void
  selected?: Row[]
  onSelect?: (rows: Row[]) => void
  rowClass?: (row: Row) => string | undefined
}

const NARROW = "(max-width: 767px)"
/** What a large screen shows of a table. The rest of the rows is drawn when the page is there. */
const FIRST_ROWS = 20

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, columns, rows: all, idOf, error, retry, empty, stale, sort, onSort, selected, onSelect, rowClass } = props
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false })
  const keys = useRowKeys()
  const { t } = useTranslation()
  const most = useDeferredValue(Infinity, FIRST_ROWS)
  const rows = all && all.length > most ? all.slice(0, most) : all
  if (error) return <ErrorState error={error} retry={retry} />
  if (!rows) return <SkeletonRows />
  if (rows.length === 0)
    return (
      <EmptyState title={empty.title} text={empty.text}>
        {empty.action}
      </EmptyState>
    )
  if (narrow) return <Cards label={label} columns={columns} rows={rows} idOf={idOf} selected={selected} onSelect={onSelect} />
  const selection =
    selected && onSelect
      ? {
          selectedRecords: selected,
          onSelectedRecordsChange: onSelect,
          allRecordsSelectionCheckboxProps: { "aria-label": t("table.selectAll") },
          getRecordSelectionCheckboxProps: () => ({ "aria-label": t("table.selectRow") }),
        }
      : {}
  const sorting = sort && onSort ? { sortStatus: sort, onSortStatusChange: onSort } : {}
  return (
    <div ref={keys} role="region" aria-label={label} className={stale ? classes.stale : undefined} aria-busy={stale}>
      <Table<Row>
        {...(selection as object)}
        {...(sorting as object)}
        records={rows}
        columns={columns}
        idAccessor={(row) => String(idOf(row))}
        minHeight={0}
        verticalSpacing={0}
        horizontalSpacing="sm"
        highlightOnHover
        withRowBorders
        className={classes.table}
        rowClassName={rowClass}
        scrollAreaProps={{ type: "auto" }}
        noRecordsText=""
      />
    </div>
  )
}
