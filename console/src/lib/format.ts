/** How money, tokens, times and sizes are written; nowhere else. Money comes in quota units (`unit` of them are 1 USD). */
import { locale } from "@/lib/i18n"

export const DEFAULT_UNIT = 500_000
export const NOTHING = "—"

const MINUTE_S = 60
const DAY_S = 86_400

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale() + JSON.stringify(options)
  const found = cache.get(key) ?? new Intl.NumberFormat(locale(), options)
  cache.set(key, found)
  return found as Intl.NumberFormat
}

function date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${locale()}${JSON.stringify(options)}`
  const found = cache.get(key) ?? new Intl.DateTimeFormat(locale(), options)
  cache.set(key, found)
  return found as Intl.DateTimeFormat
}

/** Dollars: two decimals from a dollar up, so many below that the first two figures that count are seen. */
export function usd(amount: number): string {
  const size = Math.abs(amount)
  const digits = size === 0 || size >= 1 ? 2 : Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(size))))
  return number({ style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", minimumFractionDigits: 2, maximumFractionDigits: digits }).format(amount)
}

/** A price in USD for a million tokens, exact, without trailing zeros beyond cents. */
export function price(amount: number): string {
  return number({ style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", minimumFractionDigits: 2, maximumFractionDigits: 6 }).format(amount)
}

export function money(quota: number, unit: number = DEFAULT_UNIT): string {
  return usd(quota / unit)
}

export function whole(count: number): string {
  return number({ maximumFractionDigits: 0 }).format(count)
}

/** Large counts, shortened: 12.4K, 3.1M. */
export function compact(count: number): string {
  return number({ notation: "compact", maximumFractionDigits: Math.abs(count) < 1000 ? 0 : 1 }).format(count)
}

export function percent(share: number): string {
  return number({ style: "percent", maximumFractionDigits: 1 }).format(share)
}

/** Milliseconds as people read them: 340 ms, 2.1 s, 3 m 05 s. */
export function duration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  if (Math.round(ms / 100) < 600) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`
  const step = size < 1 << 20 ? 10 : 20
  return `${(size / 2 ** step).toFixed(1)} ${step === 10 ? "KiB" : "MiB"}`
}

const moment = (at: number) => new Date(at * 1000)

/** A moment (Unix seconds) in the viewer's time zone, to the second. */
export function dateTime(at: number): string {
  return at > 0 ? date({ dateStyle: "medium", timeStyle: "medium" }).format(moment(at)) : NOTHING
}

/** The same in little room: month, day, hours to seconds. */
export function shortTime(at: number): string {
  return at > 0 ? date({ month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(moment(at)) : NOTHING
}

export function day(at: number): string {
  return at > 0 ? date({ dateStyle: "medium" }).format(moment(at)) : NOTHING
}

/** Moments `step` seconds apart, as an axis has room for them: hours, with the day below where one begins; days where the step is a day or more. */
export function ticks(times: number[], step: number): string[] {
  const days = times.map((at) => date({ month: "short", day: "numeric" }).format(moment(at)))
  if (step >= DAY_S) return days
  const clock = date({ hour: "2-digit", minute: "2-digit", second: step < MINUTE_S ? "2-digit" : undefined, hourCycle: "h23" })
  return times.map((at, place) => clock.format(moment(at)) + (days[place] === days[place - 1] ? "" : `\n${days[place]}`))
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", DAY_S],
  ["hour", 3600],
  ["minute", MINUTE_S],
]

/** How long ago, or how far ahead. */
export function ago(at: number, now: number = Date.now() / 1000): string {
  if (at <= 0) return NOTHING
  const gone = at - now
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" })
  for (const [unit, size] of STEPS) if (Math.abs(gone) >= size) return words.format(Math.trunc(gone / size), unit)
  return words.format(Math.trunc(gone), "second")
}
