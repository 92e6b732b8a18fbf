/** Server state: one cache, told of every write. */
import { QueryClient } from "@tanstack/react-query"
import { ApiError } from "@/lib/http"
import { session } from "@/lib/session"

const FRESH_MS = 10_000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      retry: (count, error) => !(error instanceof ApiError && error.status > 0) && count < 2,
    },
  },
})

// What one account has read is not shown to the next; only what anybody may read stays.
let reader = session.user?.id
session.subscribe(() => {
  const before = reader
  reader = session.user?.id
  if (before !== undefined && before !== reader) queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "status" })
})

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("faregate.writes")
channel?.addEventListener("message", (event: MessageEvent<string[]>) => {
  for (const noun of event.data) void queryClient.invalidateQueries({ queryKey: [noun] })
})

/** What hangs on these nouns is read again, here and in other tabs. Query keys begin with their noun. */
export async function touched(...nouns: string[]): Promise<void> {
  channel?.postMessage(nouns)
  await Promise.all(nouns.map((noun) => queryClient.invalidateQueries({ queryKey: [noun] })))
}
