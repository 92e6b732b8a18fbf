/** Keys on the server: reading and writing them. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"
import { touched } from "@/lib/query"
import { DEFAULT_SIZE, type Search } from "./search"

export type Key = components["schemas"]["ConsoleKey"]
export type Wish = components["schemas"]["KeyWish"]

export function useKeys({ page = 1, size = DEFAULT_SIZE, find = "", status = "" }: Omit<Search, "status"> & { status?: Search["status"] | "" }) {
  return useQuery({
    queryKey: ["keys", { page, size, find, status }],
    queryFn: () => take(api.GET("/api/console/keys", { params: { query: { p: String(page), page_size: String(size), find, status } } })),
    placeholderData: keepPreviousData,
  })
}

export const keyQuery = (id: number) =>
  queryOptions({ queryKey: ["keys", id], queryFn: () => take(api.GET("/api/console/keys/{key_id}", { params: { path: { key_id: id } } })) })

/** The first second of the viewer's month. */
export function monthStart(now = new Date()): number {
  return new Date(now.getFullYear(), now.getMonth(), 1).getTime() / 1000
}

/** Quota by key id since the month began. */
export function useMonth(): Record<string, number> | undefined {
  const since = monthStart()
  return useQuery({ queryKey: ["keys", "usage", since], queryFn: () => take(api.GET("/api/console/keys/usage", { params: { query: { since } } })) }).data
}

export function useGroups() {
  return useQuery({ queryKey: ["groups", "own"], queryFn: () => take(api.GET("/api/user/self/groups")) })
}

/** The groups that a key of the group auto may list, and how many. */
export function useAutoGroups(wanted: boolean) {
  return useQuery({ queryKey: ["groups", "auto"], queryFn: () => take(api.GET("/api/token/auto-groups")), enabled: wanted })
}

/** The whole key, with its `sk-`. */
export async function reveal(id: number): Promise<string> {
  const { key } = await take(api.POST("/api/token/{key_id}/key", { params: { path: { key_id: id } } }))
  return `sk-${key.replace(/^sk-/, "")}`
}

export async function make(wish: Wish) {
  const made = await take(api.POST("/api/console/keys", { body: wish }))
  await touched("keys")
  return made
}

export async function edit(id: number, wish: Wish): Promise<void> {
  await take(api.PUT("/api/console/keys/{key_id}", { params: { path: { key_id: id } }, body: wish }))
  await touched("keys")
}

export async function switchKeys(ids: number[], on: boolean) {
  const done = await take(api.POST("/api/console/keys/status", { body: { ids, on } }))
  await touched("keys")
  return done
}

export async function remove(ids: number[]): Promise<void> {
  await take(api.POST("/api/token/batch", { body: { ids } }))
  await touched("keys")
}
