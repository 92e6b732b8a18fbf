/** What the overview reads. */
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"
import { sinceOf, zoneSeconds, type Range } from "@/lib/range"
import { session } from "@/lib/session"
import type { Dimension, Measure } from "./search"

export type Usage = components["schemas"]["UsageView"]
export type Sums = components["schemas"]["SumsView"]
export type Attention = components["schemas"]["AttentionView"]

const BUCKETS = { "1h": "minute", "24h": "hour", "7d": "hour", "30d": "day" } as const
const LATEST = 5

function times(range: Range): { since: number; until: number } {
  const until = Math.floor(Date.now() / 1000) + 1
  return { since: sinceOf(range, until), until }
}

export function useSummary(range: Range) {
  return useQuery({
    queryKey: ["usage", "summary", range],
    queryFn: () => take(api.GET("/api/console/usage/summary", { params: { query: times(range) } })),
    placeholderData: keepPreviousData,
  })
}

export function useUsage(range: Range, measure: Measure, dimension: Dimension) {
  return useQuery({
    queryKey: ["usage", "series", range, measure, dimension],
    queryFn: () => take(api.GET("/api/console/usage", { params: { query: { ...times(range), measure, dimension, bucket: BUCKETS[range], zone_s: zoneSeconds() } } })),
    placeholderData: keepPreviousData,
  })
}

export function useAttention() {
  return useQuery({ queryKey: ["channels", "attention"], queryFn: () => take(api.GET("/api/console/attention")) })
}

/** The signed-in user as the server has it now: balances change with every request. */
export function useAccount() {
  return useQuery({
    queryKey: ["self"],
    queryFn: async () => {
      const self = await take(api.GET("/api/user/self"))
      session.update(self)
      return self
    },
  })
}

export function useLatestFailures() {
  return useQuery({
    queryKey: ["requests", "latest-failures"],
    queryFn: () => take(api.GET("/api/console/requests", { params: { query: { kind: "failed", since: sinceOf("7d"), size: LATEST } } })),
  })
}
