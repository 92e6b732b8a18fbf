/** What the site says of itself before anybody signs in. Kept in this browser for the first paint. */
import { queryOptions, useQuery } from "@tanstack/react-query"
import { DEFAULT_UNIT } from "@/lib/format"
import { api, take } from "@/lib/http"

const KEPT = "faregate.status"

export interface Status {
  system_name: string
  logo: string
  version: string
  start_time: number
  setup: boolean
  server_address: string
  docs_link: string
  quota_per_unit: number
  default_use_auto_group: boolean
  self_use_mode_enabled: boolean
  password_login_enabled: boolean
  register_enabled: boolean
  SidebarModulesAdmin: string
}

function kept(): Status | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "") as Status
  } catch {
    return undefined
  }
}

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: async (): Promise<Status> => {
    const found = (await take(api.GET("/api/status"))) as unknown as Status
    localStorage.setItem(KEPT, JSON.stringify(found))
    return found
  },
  placeholderData: kept,
  staleTime: 60_000,
})

export function useStatus(): Status | undefined {
  return useQuery(statusQuery).data
}

/** Quota units in one USD. */
export function useUnit(): number {
  return useStatus()?.quota_per_unit ?? DEFAULT_UNIT
}

/** Where clients send requests: what the operator set, else where this page came from. */
export function useBaseUrl(): string {
  const address = useStatus()?.server_address ?? ""
  return address && !address.includes("localhost") ? address.replace(/\/$/, "") : location.origin
}
