/** What needs attention, each with the place where it is mended; and the latest failures. */
import { IconAlertTriangle } from "@tabler/icons-react"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { Panel } from "@/components/ui/panel"
import { StatusPill } from "@/components/ui/status-pill"
import { ago, dateTime } from "@/lib/format"
import { useAttention, useLatestFailures, type Attention as Found } from "./api"
import classes from "./overview.module.css"

const NAMED = 6

function tasks(found: Found, t: (key: string, values?: Record<string, unknown>) => string): { key: string; text: ReactNode; link: ReactNode }[] {
  const open: { key: string; text: ReactNode; link: ReactNode }[] = []
  if (!found.has_channel) open.push({ key: "channel", text: t("attention.noChannel"), link: <Link to="/channels/new">{t("attention.addChannel")}</Link> })
  if (!found.has_key) open.push({ key: "key", text: t("attention.noKey"), link: <Link to="/keys">{t("attention.makeKey")}</Link> })
  for (const one of found.channels) {
    const off = one.state === "switched_off"
    const text = off ? t("attention.switchedOff", { name: one.name, reason: one.reason || t("attention.noReason") }) : t("attention.failing", { name: one.name, failed: one.failed, calls: one.calls })
    const link = off ? <Link to="/channels/$id" params={{ id: String(one.id) }}>{t("attention.openChannel")}</Link> : <Link to="/requests" search={{ kind: "attempts", channel: `#${one.id}`, range: "1h" }}>{t("attention.showFailures")}</Link>
    open.push({ key: `channel-${one.id}`, text, link })
  }
  if (found.unpriced_count > 0) {
    const names = found.unpriced.slice(0, NAMED).join(", ")
    open.push({ key: "unpriced", text: t("attention.unpriced", { count: found.unpriced_count, names }), link: <Link to="/models">{t("attention.setPrices")}</Link> })
  }
  return open
}

export function Attention() {
  const { t } = useTranslation("overview")
  const { data, error, refetch } = useAttention()
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  const open = data ? tasks(data, (key, values) => t(key, values ?? {})) : []
  if (open.length === 0) return null
  return (
    <Panel title={t("attention.title")} flush>
      <ul className={classes.list}>
        {open.map(({ key, text, link }) => (
          <li key={key}>
            <IconAlertTriangle size={16} className="tone-warn" aria-hidden="true" />
            <span className={classes.grow}>{text}</span>
            {link}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

export function LatestFailures() {
  const { t } = useTranslation("overview")
  const { data, error, refetch } = useLatestFailures()
  return (
    <Panel title={t("failures.title")} action={<Link to="/requests" search={{ kind: "failed", range: "7d" }} className={classes.all}>{t("failures.all")}</Link>} flush>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={3} />
      ) : data.items.length === 0 ? (
        <p className={classes.calm}>{t("failures.none")}</p>
      ) : (
        <ul className={classes.list}>
          {data.items.map((one) => (
            <li key={one.id}>
              <StatusPill tone="bad">{one.status_code || t("failures.failed")}</StatusPill>
              <span className={classes.model}>{one.model}</span>
              <Link to="/requests" search={{ open: one.request_id, kind: "failed", range: "7d" }} className={`${classes.entry} ${classes.grow} cut`} title={one.error}>
                {one.error || one.request_id}
              </Link>
              <time className="dim num" title={dateTime(one.created_at)}>
                {ago(one.created_at)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
