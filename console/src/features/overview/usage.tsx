/** A measure over time by a dimension, and the largest entries beside it, each the way to its requests. */
import { Button, Group, NativeSelect } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { LazyChart } from "@/components/chart/lazy-chart"
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states"
import { Panel } from "@/components/ui/panel"
import { compact, duration, money, whole } from "@/lib/format"
import type { Range } from "@/lib/range"
import { isAdmin, useSelf } from "@/lib/session"
import { useUnit } from "@/lib/status"
import { useUsage, type Usage as Figures } from "./api"
import { useChange } from "./figures"
import classes from "./overview.module.css"
import { DIMENSIONS, MEASURES, offered, type Dimension, type Measure, type OverviewSearch } from "./search"

const RANKED = 8

function useFormat(measure: Measure): (value: number) => string {
  const unit = useUnit()
  return useMemo(() => ({ charge: (value: number) => money(value, unit), requests: whole, tokens: compact, latency: duration, errors: whole })[measure], [measure, unit])
}

function linked(dimension: Dimension, id: string, range: Range, measure: Measure) {
  const value = dimension === "model" || dimension === "group" ? id : `#${id}`
  return { range, ...(dimension === "none" ? {} : { [dimension]: value }), ...(measure === "errors" ? { kind: "failed" as const } : {}) }
}

function Ranking({ figures, measure, dimension, range }: { figures: Figures; measure: Measure; dimension: Dimension; range: Range }) {
  const { t } = useTranslation("overview")
  const format = useFormat(measure)
  const change = useChange()
  return (
    <table className={classes.ranking}>
      <caption className={classes.caption}>{t("ranking")}</caption>
      <tbody>
        {figures.ranking.slice(0, RANKED).map((one) => (
          <tr key={one.id}>
            <th scope="row" className="cut">
              <Link to="/requests" search={linked(dimension, one.id, range, measure)} className={classes.entry} title={one.name}>
                {one.name || t("unnamed")}
              </Link>
            </th>
            <td className="num">{format(one.value)}</td>
            <td className="num dim">{change(one.value, one.before)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Drawn({ figures, measure, dimension, range }: { figures: Figures; measure: Measure; dimension: Dimension; range: Range }) {
  const { t } = useTranslation("overview")
  const format = useFormat(measure)
  const series = useMemo(
    () => figures.series.map(({ name, rest, values }) => ({ name: rest ? t("rest") : name || (dimension === "none" ? t(`measure.${measure}`) : t("unnamed")), values })),
    [figures, measure, dimension, t],
  )
  const label = t("chart", { measure: t(`measure.${measure}`), dimension: t(`dimension.${dimension}`) })
  const chart = <LazyChart label={label} times={figures.times} series={series} format={format} height={260} bars={dimension === "none"} />
  if (dimension === "none") return chart
  return (
    <div className={classes.split}>
      {chart}
      <Ranking figures={figures} measure={measure} dimension={dimension} range={range} />
    </div>
  )
}

export function Usage({ search, onChange }: { search: OverviewSearch; onChange: (change: OverviewSearch) => void }) {
  const { t } = useTranslation("overview")
  const admin = isAdmin(useSelf())
  const { range = "24h", measure = "charge" } = search
  const dimension = offered(search.dimension ?? "model", range, admin) ? (search.dimension ?? "model") : "model"
  const { data, error, refetch } = useUsage(range, measure, dimension)
  const choices = (
    <Group gap="xs" wrap="nowrap">
      <NativeSelect size="xs" aria-label={t("choose.measure")} value={measure} data={MEASURES.map((value) => ({ value, label: t(`measure.${value}`) }))} onChange={(event) => onChange({ measure: event.currentTarget.value as Measure })} />
      <NativeSelect
        size="xs"
        aria-label={t("choose.dimension")}
        value={dimension}
        data={DIMENSIONS.filter((one) => offered(one, range, admin)).map((value) => ({ value, label: t(`dimension.${value}`) }))}
        onChange={(event) => onChange({ dimension: event.currentTarget.value as Dimension })}
      />
    </Group>
  )
  return (
    <Panel title={t("usage")} action={choices}>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={6} height={28} />
      ) : data.series.length === 0 ? (
        <EmptyState title={t("empty.title")} text={t("empty.text")}>
          <Button component={Link} to="/playground" variant="default">
            {t("empty.try")}
          </Button>
        </EmptyState>
      ) : (
        <Drawn figures={data} measure={measure} dimension={dimension} range={range} />
      )}
    </Panel>
  )
}
