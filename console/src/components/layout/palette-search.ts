/** What the palette finds on the server. */
import { useQuery } from "@tanstack/react-query"
import { api, take } from "@/lib/http"

export interface Found {
  kind: "page" | "key" | "channel" | "model" | "user" | "setting" | "request"
  name: string
  to: string
}

const FRESH_MS = 15_000

/** Objects whose name or id contains `words`; nothing for fewer than two letters. */
export function useFound(words: string): Found[] {
  const { data } = useQuery({
    queryKey: ["find", words],
    queryFn: () => take(api.GET("/api/console/find", { params: { query: { q: words } } })),
    enabled: words.length > 1,
    staleTime: FRESH_MS,
    placeholderData: (before) => before,
  })
  return words.length > 1 && data ? (data as Found[]) : []
}
