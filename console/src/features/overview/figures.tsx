/** Balance and sums of the time, each beside the time before. */
import { Skeleton } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { Stat } from "@/components/ui/stat"
import { compact, money, percent, whole } from "@/lib/format"
import type { Range } from "@/lib/range"
import { useUnit } from "@/lib/status"
import { useAccount, useSummary } from "./api"
import classes from "./overview.module.css"

export function useChange(): (now: number, before: number) => string {
  const { t } = useTranslation("overview")
  return (now, before) => {
    if (before === 0) return t(now === 0 ? "change.none" : "change.new")
    const share = (now - before) / before
    if (Math.abs(share) < 0.0005) return t("change.same")
    return t(share > 0 ? "change.more" : "change.less", { share: percent(Math.abs(share)) })
  }
}

export function Figures({ range }: { range: Range }) {
  const { t } = useTranslation("overview")
  const unit = useUnit()
  const change = useChange()
  const account = useAccount()
  const { data, error, refetch } = useSummary(range)
  const failure = error ?? account.error
  if (failure) return <ErrorState error={failure} retry={() => void Promise.all([refetch(), account.refetch()])} />
  if (!data || !account.data)
    return (
      <div className={classes.figures} role="status" aria-label={t("common:state.loading")}>
        {["balance", "charge", "requests", "tokens", "errors"].map((name) => (
          <Skeleton key={name} height={60} animate={false} />
        ))}
      </div>
    )
  const { now, before } = data
  return (
    <div className={classes.figures}>
      <Stat label={t("figure.balance")} value={money(account.data.quota, unit)} note={t("figure.used", { used: money(account.data.used_quota, unit) })} />
      <Stat label={t("measure.charge")} value={money(now.charge, unit)} note={change(now.charge, before.charge)} />
      <Stat label={t("measure.requests")} value={whole(now.requests)} note={change(now.requests, before.requests)} />
      <Stat label={t("measure.tokens")} value={compact(now.tokens)} note={change(now.tokens, before.tokens)} />
      <Stat label={t("measure.errors")} value={whole(now.errors)} note={change(now.errors, before.errors)} />
    </div>
  )
}
