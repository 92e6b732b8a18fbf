/** How an answer went: times, tokens, what it cost, where to look further. */
import { Anchor } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { duration, money, whole } from "@/lib/format"
import { useUnit } from "@/lib/status"
import classes from "../playground.module.css"
import type { Facts } from "../types"

export function FactsLine({ facts, stopped, onInspect }: { facts: Facts; stopped?: boolean; onInspect: () => void }) {
  const { t } = useTranslation("playground")
  const unit = useUnit()
  const { firstMs, totalMs, usage, charge, requestId, model } = facts
  const told = [
    model,
    stopped && t("facts.stopped"),
    firstMs !== undefined && t("facts.first", { time: duration(firstMs) }),
    totalMs !== undefined && t("facts.total", { time: duration(totalMs) }),
    usage && t("facts.input", { count: usage.input, shown: whole(usage.input) }),
    usage && t("facts.output", { count: usage.output, shown: whole(usage.output) }),
    usage && usage.cached > 0 && t("facts.cached", { shown: whole(usage.cached) }),
    usage && usage.reasoning > 0 && t("facts.reasoning", { shown: whole(usage.reasoning) }),
    charge !== undefined && t("facts.charge", { amount: money(charge, unit) }),
  ].filter((one) => typeof one === "string")
  return (
    <div className={classes.facts}>
      {told.map((one) => (
        <span key={one}>{one}</span>
      ))}
      {requestId && (
        <Anchor component={Link} to={`/requests?open=${requestId}` as never} inherit underline="always">
          {t("facts.request")}
        </Anchor>
      )}
      {totalMs !== undefined && (
        <Anchor component="button" type="button" inherit underline="always" onClick={onInspect}>
          {t("facts.inspect")}
        </Anchor>
      )}
    </div>
  )
}
