/** The sums of the filter, and the filters that are set, each to be taken away. */
import { Pill } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { compact, dateTime, money, whole } from "@/lib/format"
import { useUnit } from "@/lib/status"
import { useTotals } from "./api"
import classes from "./requests.module.css"
import { WORDS, type RequestSearch } from "./search"

interface Props {
  search: RequestSearch
  onChange: (change: RequestSearch) => void
}

function Sums({ search }: { search: RequestSearch }) {
  const { t } = useTranslation("requests")
  const unit = useUnit()
  const { data, isError } = useTotals(search)
  if (isError) return <span>{t("totals.unknown")}</span>
  if (!data) return <span>{t("totals.adding")}</span>
  const { requests, failed, charge, prompt_tokens, completion_tokens, is_complete } = data
  return (
    <span>
      {!is_complete && `${t("totals.atLeast")} `}
      {t("totals.text", { answered: whole(requests), failed: whole(failed), charge: money(charge, unit), input: compact(prompt_tokens), output: compact(completion_tokens) })}
    </span>
  )
}

export function Totals({ search, onChange }: Props) {
  const { t } = useTranslation("requests")
  const chips: [string, RequestSearch][] = WORDS.flatMap((name) => (search[name] ? [[`${t(`filter.${name}`)}: ${search[name]}`, { [name]: "" }] as [string, RequestSearch]] : []))
  if (search.stream) chips.push([t(`stream.${search.stream}`), { stream: undefined }])
  if (search.mine) chips.push([t("filter.mine"), { mine: undefined }])
  if (search.since) chips.push([t("filter.from", { time: dateTime(search.since) }), { since: undefined }])
  if (search.until) chips.push([t("filter.to", { time: dateTime(search.until) }), { until: undefined }])
  return (
    <div className={classes.totals}>
      <div role="status" aria-label={t("totals.label")} className="dim">
        <Sums search={search} />
      </div>
      {chips.map(([label, change]) => (
        <Pill key={label} withRemoveButton removeButtonProps={{ "aria-label": t("filter.remove", { label }), "aria-hidden": false, tabIndex: 0 }} onRemove={() => onChange(change)}>
          {label}
        </Pill>
      ))}
    </div>
  )
}
