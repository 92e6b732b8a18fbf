/** From a key to the fields of its form and back. Money in USD, times as the browser's date field writes them. */
import { ApiError } from "@/lib/http"
import type { Key, Wish } from "./api"

export interface Fields {
  name: string
  unlimited: boolean
  limit: number | string
  /** Local time, `YYYY-MM-DDTHH:mm`; empty is never. */
  expires: string
  group: string
  auto_groups: string[]
  cross_group_retry: boolean
  models: string[]
  allow_ips: string
}

export const NEVER = -1
export const DAYS = [1, 7, 30, 90, 365] as const
const DAY_S = 86_400

export function emptyFields(group: string): Fields {
  return { name: "", unlimited: true, limit: "", expires: "", group, auto_groups: [], cross_group_retry: group === "auto", models: [], allow_ips: "" }
}

/** Unix seconds as a date field writes them, in the viewer's time zone. */
export function local(at: number): string {
  if (at <= 0) return ""
  const when = new Date(at * 1000)
  return new Date(at * 1000 - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function inDays(days: number, now = Date.now() / 1000): string {
  return local(now + days * DAY_S)
}

export function fieldsOf(key: Key, unit: number): Fields {
  const { name, group, auto_groups, cross_group_retry, models } = key
  return {
    name, group, auto_groups, cross_group_retry, models,
    unlimited: key.limit === null,
    limit: key.limit === null ? "" : key.limit / unit,
    expires: local(key.expires_at),
    allow_ips: key.allow_ips.join("\n"),
  }
}

const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean)

/** `before` keeps what the form cannot say exactly: the seconds of an end that was not changed. */
export function wishOf(fields: Fields, unit: number, before?: Key): Wish {
  const sameEnd = before !== undefined && local(before.expires_at) === fields.expires
  const end = fields.expires ? Math.floor(new Date(fields.expires).getTime() / 1000) : NEVER
  const { name, group, auto_groups, cross_group_retry, models } = fields
  const isAuto = group === "auto"
  return {
    name, group, models,
    limit: fields.unlimited ? null : Math.round(Number(fields.limit) * unit),
    expires_at: sameEnd ? before.expires_at : end,
    auto_groups: isAuto ? auto_groups : [],
    cross_group_retry: isAuto && cross_group_retry,
    allow_ips: lines(fields.allow_ips),
  }
}

const NAMED: [RegExp, keyof Fields][] = [
  [/^(the )?name\b/i, "name"],
  [/^(limit|remain_quota)\b/, "limit"],
  [/^expires_at\b/, "expires"],
  [/^(the )?group\b/i, "group"],
  [/^auto_groups\b/, "auto_groups"],
  [/^models\b/, "models"],
  [/^allow_ips\b/, "allow_ips"],
]

/** The field that a refusal is about, if it names one. */
export function fieldOf(error: unknown): keyof Fields | undefined {
  if (!(error instanceof ApiError) || error.status >= 500) return undefined
  return NAMED.find(([pattern]) => pattern.test(error.message))?.[1]
}
