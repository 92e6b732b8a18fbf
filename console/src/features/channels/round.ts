/** Tests of all channels, one after the other. */
import { useState } from "react"
import { useTestAll } from "./api"

/** Since when the latest test runs as far as this page knows, 0 before that is told; and what starts one. */
export function useRound(): [number, () => Promise<void>] {
  const testAll = useTestAll()
  const [since, setSince] = useState(0)
  return [
    since,
    async () => {
      // Rows that were tested since the last one say nothing of this one.
      setSince(0)
      const started = await testAll.mutateAsync(undefined)
      setSince(started.created_at)
    },
  ]
}
