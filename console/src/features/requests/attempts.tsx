/** What was tried, in order, each with its share of the time. */
import { useTranslation } from "react-i18next"
import { duration } from "@/lib/format"
import type { Attempt } from "./api"
import { Outcome } from "./outcome"
import classes from "./requests.module.css"

export function Attempts({ attempts }: { attempts: Attempt[] }) {
  const { t } = useTranslation("requests")
  const whole = Math.max(1, ...attempts.map(({ ended_ms }) => ended_ms))
  return (
    <ol className={classes.attempts}>
      {attempts.map((one) => (
        <li key={one.number}>
          <div className={classes.attemptHead}>
            <span>{one.channel || (one.channel_id ? `#${one.channel_id}` : t("detail.attempt", { number: one.number }))}</span>
            <Outcome request={{ outcome: one.outcome, attempts: 1, status_code: one.status_code }} />
            <span className="num">{duration(one.ended_ms - one.started_ms)}</span>
          </div>
          <div className={classes.span} data-bad={one.outcome === "failed" || undefined} aria-hidden="true">
            <span style={{ insetInlineStart: `${(one.started_ms / whole) * 100}%`, width: `${((one.ended_ms - one.started_ms) / whole) * 100}%` }} />
          </div>
          {one.error && <p className={classes.said}>{one.error}</p>}
          {(one.error_code || one.error_type) && <span className="mono dim">{[one.error_type, one.error_code].filter(Boolean).join(" · ")}</span>}
        </li>
      ))}
    </ol>
  )
}
