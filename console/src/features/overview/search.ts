/** What the overview shows, as it stands in the address. */
import { isRange, type Range } from "@/lib/range"

export const MEASURES = ["charge", "requests", "tokens", "latency", "errors"] as const
export const DIMENSIONS = ["none", "model", "key", "channel", "user", "group"] as const
export type Measure = (typeof MEASURES)[number]
export type Dimension = (typeof DIMENSIONS)[number]
export const ADMIN_DIMENSIONS: Dimension[] = ["channel", "user"]

export interface OverviewSearch {
  range?: Range
  measure?: Measure
  dimension?: Dimension
}

/** What of an address makes sense; defaults are left out. */
export function readSearch(given: Record<string, unknown>): OverviewSearch {
  const found: OverviewSearch = {}
  if (isRange(given.range) && given.range !== "24h") found.range = given.range
  if (MEASURES.includes(given.measure as Measure) && given.measure !== "charge") found.measure = given.measure as Measure
  if (DIMENSIONS.includes(given.dimension as Dimension) && given.dimension !== "model") found.dimension = given.dimension as Dimension
  return found
}

/** Sums by group are kept for single requests alone: the server adds them up for a week at most. */
export function offered(dimension: Dimension, range: Range, admin: boolean): boolean {
  return (admin || !ADMIN_DIMENSIONS.includes(dimension)) && !(dimension === "group" && range === "30d")
}
