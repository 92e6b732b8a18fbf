/** Models, prices and groups: reading and writing. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"
import { touched } from "@/lib/query"
import type { Price } from "./prices"

export type GroupTable = components["schemas"]["GroupTable"]
export type Show = "served" | "unpriced" | "all"

export interface Wanted {
  find: string
  show: Show
  group: string
  page: number
  size: number
}

export function useModels({ find, show, group, page, size }: Wanted) {
  return useQuery({
    queryKey: ["models", "list", { find, show, group, page, size }],
    queryFn: () => take(api.GET("/api/console/models", { params: { query: { find, show, group, p: String(page), page_size: String(size) } } })),
    placeholderData: keepPreviousData,
  })
}

export function useModel(model: string, group: string) {
  return useQuery({
    queryKey: ["models", "one", model, group],
    queryFn: () => take(api.GET("/api/console/models/price", { params: { query: { model, group } } })),
  })
}

export interface PriceChange {
  model: string
  revision: string
  /** Null: the shipped price. */
  price: Price | null
}

export function useSavePrices() {
  return useMutation({
    mutationFn: (changes: PriceChange[]) => take(api.PUT("/api/console/models/price", { body: { changes } })),
    onSuccess: () => touched("models", "settings", "channels"),
  })
}

export function useGroupTable() {
  return useQuery({ queryKey: ["groups", "table"], queryFn: () => take(api.GET("/api/console/groups")) })
}

export function useSaveGroups() {
  return useMutation({
    mutationFn: (body: GroupTable) => take(api.PUT("/api/console/groups", { body })),
    onSuccess: () => touched("groups", "models", "settings", "users", "keys"),
  })
}
