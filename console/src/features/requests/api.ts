/** Reading requests: pages, totals, one in full, the file. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { ApiError, api, take } from "@/lib/http"
import { sinceOf } from "@/lib/range"
import { isAdmin, useSelf } from "@/lib/session"
import type { RequestSearch } from "./search"

export type RequestView = components["schemas"]["RequestView"]
export type RequestDetail = components["schemas"]["RequestDetail"]
export type Attempt = components["schemas"]["AttemptView"]
export type Bill = components["schemas"]["BillView"]

/** The filter in the server's words. Relative times are counted from now. */
function asked(search: RequestSearch, admin: boolean) {
  const { range = "24h", since, until, kind, stream, mine, text, model, key, user, channel, group, upstream } = search
  const custom = since !== undefined || until !== undefined
  return {
    since: custom ? since : range === "all" ? undefined : sinceOf(range),
    until,
    kind,
    stream,
    mine,
    text,
    model,
    key,
    group,
    upstream_request_id: upstream,
    ...(admin ? { user, channel } : {}),
  }
}

/** What of a search makes a page; what of it makes a filter. */
const pageOf = (search: RequestSearch): RequestSearch => ({ ...search, open: undefined })
const filterOf = (search: RequestSearch): RequestSearch => ({ ...pageOf(search), before: undefined, after: undefined, size: undefined })

export function useRequests(search: RequestSearch) {
  const admin = isAdmin(useSelf())
  return useQuery({
    queryKey: ["requests", "page", pageOf(search)],
    queryFn: () => take(api.GET("/api/console/requests", { params: { query: { ...asked(search, admin), before: search.before, after: search.after, size: search.size ?? 50 } } })),
    placeholderData: keepPreviousData,
  })
}

export function useTotals(search: RequestSearch) {
  const admin = isAdmin(useSelf())
  const filter = filterOf(search)
  return useQuery({
    queryKey: ["requests", "totals", filter],
    queryFn: () => take(api.GET("/api/console/requests/totals", { params: { query: asked(filter, admin) } })),
    placeholderData: keepPreviousData,
  })
}

export function useRequest(requestId: string | undefined) {
  return useQuery({
    queryKey: ["requests", "one", requestId],
    queryFn: () => take(api.GET("/api/console/requests/{request_id}", { params: { path: { request_id: requestId ?? "" } } })),
    enabled: requestId !== undefined,
  })
}

/** Downloads the filter as a file. */
export function useExport(search: RequestSearch) {
  const admin = isAdmin(useSelf())
  return useMutation({
    mutationFn: async () => {
      const { data, error, response } = await api.GET("/api/console/requests.csv", { params: { query: asked(search, admin) }, parseAs: "blob" })
      const file = data as unknown as Blob | undefined
      if (!file?.type.startsWith("text/csv")) throw new ApiError((error as { message?: string } | undefined)?.message ?? (file ? await messageOf(file) : ""), response.status, "", "")
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "requests.csv" })
      link.click()
      URL.revokeObjectURL(link.href)
    },
  })
}

async function messageOf(file: Blob): Promise<string> {
  return (JSON.parse(await file.text()) as { message?: string }).message ?? ""
}
