/** How a channel stands: its status with the reason, its last test, its last hour. */
import { Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { StatusPill, type Tone } from "@/components/ui/status-pill"
import { ago, dateTime, duration, NOTHING, percent, whole } from "@/lib/format"
import { AUTO_DISABLED, ENABLED, type ChannelRow, type Health } from "./api"
import { useOutcome } from "./tests"

const WORDS: Record<number, [Tone, string]> = { [ENABLED]: ["ok", "enabled"], [AUTO_DISABLED]: ["bad", "by_itself"] }
const GOOD_SHARE = 0.95

export function statusOf(status: number): [Tone, string] {
  return WORDS[status] ?? ["off", "by_hand"]
}

export function ChannelStatus({ status, reason, at }: { status: number; reason: string; at: number }) {
  const { t } = useTranslation("channels")
  const [tone, word] = statusOf(status)
  const why = status === AUTO_DISABLED && reason ? t("status.why", { reason, when: ago(at) }) : ""
  return (
    <div style={{ minWidth: 0 }} title={why ? `${reason} · ${dateTime(at)}` : undefined}>
      <StatusPill tone={tone}>{t(`status.${word}`)}</StatusPill>
      {why && (
        <Text size="xs" className="dim cut">
          {why}
        </Text>
      )}
    </div>
  )
}

/** The test under way, else the last one, whenever that was. */
export function LastTest({ row }: { row: ChannelRow }) {
  const { t } = useTranslation("channels")
  const running = useOutcome(row.id)?.state === "running"
  if (running) return <StatusPill tone="off">{t("test.running")}</StatusPill>
  if (!row.tested_at) return <span className="dim">{t("test.never")}</span>
  return (
    <div style={{ minWidth: 0 }} title={`${row.failure ? `${row.failure} · ` : ""}${dateTime(row.tested_at)}`}>
      <StatusPill tone={row.failure ? "bad" : "ok"}>{row.failure ? t("test.failed") : duration(row.response_ms)}</StatusPill>
      <Text size="xs" className="dim cut">
        {row.failure || ago(row.tested_at)}
      </Text>
    </div>
  )
}

/** The share of calls that were answered, and the last that was not. */
export function LastHour({ health, isKnown }: { health: Health | undefined; isKnown: boolean }) {
  const { t } = useTranslation("channels")
  const calls = health ? health.answered + health.failed : 0
  if (!isKnown || !health || calls === 0) return <span className="dim">{isKnown ? t("health.none") : NOTHING}</span>
  const share = health.answered / calls
  const told = health.last_failure ? `${health.last_failure} · ${dateTime(health.last_failure_at)}` : undefined
  return (
    <div style={{ minWidth: 0 }} title={told}>
      <StatusPill tone={health.failed === 0 ? "ok" : share >= GOOD_SHARE ? "warn" : "bad"}>{percent(share)}</StatusPill>
      <Text size="xs" className="dim cut">
        {health.last_failure || t("health.calls", { count: calls, shown: whole(calls) })}
      </Text>
    </div>
  )
}
