/** What addresses say: the list's filters, order, page and view; a channel's tab. */
export const STATES = ["enabled", "by_hand", "by_itself"] as const
export const SORTS = ["id", "name", "priority", "response_time", "test_time"] as const
export const TABS = ["settings", "keys", "test"] as const
export type Tab = (typeof TABS)[number]
export type State = (typeof STATES)[number]
export type Sorting = (typeof SORTS)[number]

export interface ChannelSearch {
  q?: string
  status?: State
  type?: number
  group?: string
  tag?: string
  sort?: Sorting
  ascending?: boolean
  by?: "tag"
  page?: number
  size?: number
}

const SIZES = [20, 50, 100]
export const DEFAULT_SIZE = 50

function text(value: unknown): string | undefined {
  const found = typeof value === "string" || typeof value === "number" ? String(value).slice(0, 255) : ""
  return found || undefined
}

function one<Choice>(of: readonly Choice[], value: unknown): Choice | undefined {
  return of.includes(value as Choice) ? (value as Choice) : undefined
}

/** The search with what makes no sense left out. */
export function channelSearch(given: Record<string, unknown>): ChannelSearch {
  const found: ChannelSearch = {
    q: text(given.q),
    status: one(STATES, given.status),
    type: Number.isInteger(given.type) ? (given.type as number) : undefined,
    group: text(given.group),
    tag: text(given.tag),
    sort: one(SORTS, given.sort),
    ascending: given.ascending === true || undefined,
    by: one(["tag"] as const, given.by),
    page: Number(given.page) > 1 ? Math.floor(Number(given.page)) : undefined,
    size: one(SIZES, Number(given.size)),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** True when something narrows the list. */
export function isFiltered({ q, status, type, group, tag }: ChannelSearch): boolean {
  return [q, status, type, group, tag].some((value) => value !== undefined)
}
