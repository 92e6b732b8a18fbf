/** The filters of the requests page as they stand in the address. */
import { isRange, type Range } from "@/lib/range"

export const KINDS = ["all", "answered", "failed", "attempts"] as const
export type Kind = (typeof KINDS)[number]

/** Filters that are words; those of administrators are ignored for others. */
export const WORDS = ["model", "key", "user", "channel", "group", "upstream"] as const
export type Word = (typeof WORDS)[number]
export const ADMIN_WORDS: Word[] = ["user", "channel"]

export interface RequestSearch {
  range?: Range | "all"
  since?: number
  until?: number
  kind?: Kind
  stream?: "yes" | "no"
  mine?: true
  text?: string
  model?: string
  key?: string
  user?: string
  channel?: string
  group?: string
  upstream?: string
  size?: 100
  before?: string
  after?: string
  open?: string
}

const LONGEST = 191

function word(value: unknown): string | undefined {
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, LONGEST) : ""
  return text || undefined
}

function moment(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined
}

function place(value: unknown): string | undefined {
  const text = word(value)
  return text && /^\d+\.\d+$/.test(text) ? text : undefined
}

/** What of an address makes sense; the rest is dropped. */
export function readSearch(given: Record<string, unknown>): RequestSearch {
  const words = Object.fromEntries([...WORDS, "text" as const, "open" as const].map((name) => [name, word(given[name])]))
  const found: RequestSearch = {
    ...words,
    range: isRange(given.range) || given.range === "all" ? given.range : undefined,
    since: moment(given.since),
    until: moment(given.until),
    kind: KINDS.includes(given.kind as Kind) && given.kind !== "all" ? (given.kind as Kind) : undefined,
    stream: given.stream === "yes" || given.stream === "no" ? given.stream : undefined,
    mine: given.mine === true ? true : undefined,
    size: given.size === 100 ? 100 : undefined,
    before: place(given.before),
    after: place(given.after),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** The same page from its newest rows, with other filters. */
export function refined(search: RequestSearch, change: RequestSearch): RequestSearch {
  return readSearch({ ...search, before: undefined, after: undefined, ...change })
}

/** How many filters are set besides those that the bar shows. */
export function countMore(search: RequestSearch): number {
  const { stream, mine, since, until } = search
  return WORDS.filter((name) => search[name]).length + [stream, mine, since ?? until].filter(Boolean).length
}
