/** How the points of a chart are told apart. */
import { dateTime, day } from "@/lib/format"

/** The day on which clocks are put forward. */
const SHORTEST_DAY_S = 82_800

/** What names one of `times`: the day, or the moment where there are several in a day. */
export function namer(times: number[]): (at: number) => string {
  return times.slice(1).some((at, before) => at - (times[before] ?? 0) < SHORTEST_DAY_S) ? dateTime : day
}
