/** The state of things: balance, use, what needs attention, what failed. */
import { SegmentedControl } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Page } from "@/components/layout/page"
import { RANGES, type Range } from "@/lib/range"
import { Attention, LatestFailures } from "./attention"
import { Figures } from "./figures"
import classes from "./overview.module.css"
import { readSearch, type OverviewSearch } from "./search"
import { Usage } from "./usage"

export function Overview({ search }: { search: OverviewSearch }) {
  const { t } = useTranslation("overview")
  const go = useNavigate()
  const { range = "24h" } = search
  const change = (to: OverviewSearch) => void go({ to: "/overview", search: readSearch({ ...search, ...to }), replace: true })
  return (
    <Page
      title={t("title")}
      text={t("lead")}
      actions={<SegmentedControl aria-label={t("choose.range")} size="xs" value={range} data={RANGES.map((value) => ({ value, label: t(`range.${value}`) }))} onChange={(value) => change({ range: value as Range })} />}
    >
      <div className={classes.stack}>
        <Figures range={range} />
        <Attention />
        <Usage search={search} onChange={change} />
        <LatestFailures />
      </div>
    </Page>
  )
}
