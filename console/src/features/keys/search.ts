/** What the list of keys keeps in the address. */
import type { components } from "@/api/schema"

export type State = components["schemas"]["ConsoleKey"]["state"]

export const STATES: State[] = ["on", "off", "expired", "used_up"]
export const DEFAULT_SIZE = 20

export interface Search {
  page?: number
  size?: number
  find?: string
  status?: State
  /** The key whose drawer is open, or a new one. */
  open?: number | "new"
}

const counted = (value: unknown, most: number) => (Number.isInteger(Number(value)) && Number(value) > 0 && Number(value) <= most ? Number(value) : undefined)

/** What of an address makes sense; the rest is left out. */
export function searchOf(given: Record<string, unknown>): Search {
  const found: Search = {
    page: counted(given.page, 1_000_000),
    size: counted(given.size, 100),
    find: given.find === undefined || given.find === "" ? undefined : String(given.find),
    status: STATES.find((state) => state === given.status),
    open: given.open === "new" ? "new" : counted(given.open, Number.MAX_SAFE_INTEGER),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}
