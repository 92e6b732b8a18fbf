/** Balances before and after, and the months whose spend is shown. */
export type Way = "add" | "subtract" | "set"
export type Month = "this" | "last"

export interface Span {
  since: number
  until: number
}

const HOUR_S = 3600
const DAYS_30_S = 2_592_000

/** Quota units of an amount in USD. */
export function quotaOf(amount: number, unit: number): number {
  return Math.round(amount * unit)
}

/** What the balance (quota) is afterwards. */
export function balanceAfter(before: number, way: Way, quota: number): number {
  if (way === "set") return quota
  return way === "add" ? before + quota : before - quota
}

/** True when the change means something: nothing is added or taken away by 0, but 0 may be set. */
export function isChange(way: Way, amount: number | undefined): boolean {
  return amount !== undefined && (way === "set" || amount > 0)
}

/** A calendar month in the reader's time zone, in unix seconds; `until` is excluded. */
export function monthOf(month: Month, now: Date): Span {
  const back = month === "last" ? 1 : 0
  const begin = new Date(now.getFullYear(), now.getMonth() - back, 1)
  const end = new Date(now.getFullYear(), now.getMonth() - back + 1, 1)
  return { since: begin.getTime() / 1000, until: end.getTime() / 1000 }
}

/** The last 30 days, by whole hours so that the same question is asked for an hour. */
export function lastDays(now: Date): Span {
  const until = Math.ceil(now.getTime() / 1000 / HOUR_S) * HOUR_S
  return { since: until - DAYS_30_S, until }
}
