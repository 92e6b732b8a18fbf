/** What prices are made of, and the arithmetic that the page shows before anything is saved. USD per million tokens. */
import type { components } from "@/api/schema"

export type Price = components["schemas"]["Price"]
export type ModelRow = components["schemas"]["ModelRow"]
export type ModelView = components["schemas"]["ModelView"]
export type GroupPrice = components["schemas"]["GroupPrice"]

export const BUCKETS = ["input", "output", "cache_read", "cache_write", "image_in", "audio_in", "audio_out"] as const
export const MAIN_BUCKETS = BUCKETS.slice(0, 4)
export const OTHER_BUCKETS = BUCKETS.slice(4)
export type Bucket = (typeof BUCKETS)[number]
export type Part = Bucket | "per_call"

/** What stands in the fields; an empty one has no price of its own. */
export type Draft = Partial<Record<Part, number>>
export type Way = "tokens" | "call"

const MILLION = 1_000_000
const FIGURES = 12
const CACHE_WRITE = 1.25

/** The number with the figures that count: 0.1 + 0.2 is 0.3. */
export function tidy(amount: number): number {
  return Number(amount.toPrecision(FIGURES))
}

export function isPerCall(price: Price | null): boolean {
  return price?.per_call != null
}

/** The buckets that have a price of their own, as a draft to edit. */
export function draftOf(price: Price | null, own: string[]): Draft {
  const draft: Draft = {}
  for (const part of [...BUCKETS, "per_call"] as const) {
    const amount = price?.[part]
    if (amount != null && own.includes(part)) draft[part] = amount
  }
  return draft
}

/** How output without a price follows input: `output_factor` times, always so where it `is_output_fixed`. */
export type OutputRule = Pick<ModelRow, "output_factor" | "is_output_fixed">

/** The draft as a price with what follows by rule: cache reads and images as input, cache writes 1.25 times. */
export function effective(draft: Draft, way: Way, rule: OutputRule): Price | null {
  if (way === "call") return draft.per_call === undefined ? null : { per_call: draft.per_call }
  if (draft.input === undefined) return null
  const { input } = draft
  const byRule = tidy(input * rule.output_factor)
  const output = rule.is_output_fixed ? byRule : (draft.output ?? byRule)
  return {
    input,
    output,
    cache_read: draft.cache_read ?? input,
    cache_write: draft.cache_write ?? tidy(input * CACHE_WRITE),
    image_in: draft.image_in ?? input,
    audio_in: draft.audio_in ?? input,
    audio_out: draft.audio_out ?? draft.audio_in ?? output,
  }
}

/** The draft as it is sent. */
export function sent(draft: Draft, way: Way, rule: OutputRule): Price {
  if (way === "call") return { per_call: draft.per_call }
  const price: Price = {}
  for (const bucket of BUCKETS) if (draft[bucket] !== undefined) price[bucket] = draft[bucket]
  if (rule.is_output_fixed) delete price.output
  return price
}

export interface Change {
  part: Part
  before: number | null
  after: number | null
}

/** The parts that cost something else afterwards, and the main ones in any case. `told`: media with a price of their own. */
export function changes(before: Price | null, after: Price | null, told: Iterable<string> = []): Change[] {
  const media = new Set(told)
  const rows = ([...BUCKETS, "per_call"] as const).map((part) => ({ part, before: before?.[part] ?? null, after: after?.[part] ?? null }))
  const main: Part[] = isPerCall(after) ? ["per_call"] : ["input", "output"]
  const silent = (part: Part) => (OTHER_BUCKETS as readonly Part[]).includes(part) && !media.has(part)
  return rows.filter(({ part, before: was, after: is }) => !silent(part) && (was !== null || is !== null) && (was !== is || main.includes(part)))
}

export interface Call {
  input: number
  cached: number
  output: number
}

/** What a call costs in USD: the cached part of its input is charged as such. */
export function costOf(price: Price, call: Call, ratio: number): number {
  if (price.per_call != null) return tidy(price.per_call * ratio)
  const cached = Math.min(call.cached, call.input)
  const tokens = (call.input - cached) * (price.input ?? 0) + cached * (price.cache_read ?? 0) + call.output * (price.output ?? 0)
  return tidy((tokens * ratio) / MILLION)
}
