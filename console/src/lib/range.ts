/** The times that pages offer, ending now. */
export const RANGES = ["1h", "24h", "7d", "30d"] as const
export type Range = (typeof RANGES)[number]

const HOUR_S = 3600
const SECONDS: Record<Range, number> = { "1h": HOUR_S, "24h": 24 * HOUR_S, "7d": 168 * HOUR_S, "30d": 720 * HOUR_S }

export function isRange(value: unknown): value is Range {
  return RANGES.includes(value as Range)
}

/** When a range began, in Unix seconds. */
export function sinceOf(range: Range, now: number = Math.floor(Date.now() / 1000)): number {
  return now - SECONDS[range]
}

/** Seconds by which the viewer's clock is ahead of UTC. */
export function zoneSeconds(): number {
  return -new Date().getTimezoneOffset() * 60
}
