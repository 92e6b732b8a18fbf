/** Settings as the server has them, and what was changed before. */
import { useMutation, useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"
import { touched } from "@/lib/query"

export type Field = components["schemas"]["SettingField"]
export type Section = components["schemas"]["SettingSection"]
export type PastChange = components["schemas"]["PastChange"]
/** Texts by key; null goes back to the default. */
export type Changes = Record<string, string | null>

export function useSettings() {
  return useQuery({ queryKey: ["settings"], queryFn: () => take(api.GET("/api/console/settings")) })
}

export function usePastChanges(key: string) {
  return useQuery({
    queryKey: ["settings", "changes", key],
    queryFn: () => take(api.GET("/api/console/settings/changes", { params: { query: { key } } })),
  })
}

/** Saves changes. Settings are read again after a refusal too: it says that somebody else changed them. */
export function useSave() {
  return useMutation({
    mutationFn: (body: { revision: number; changes: Changes }) => take(api.PUT("/api/console/settings", { body })),
    onSettled: () => touched("settings", "status", "models", "home", "notice"),
  })
}
