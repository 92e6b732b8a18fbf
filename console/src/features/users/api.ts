/** Users: reading, editing, balances, spend. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"
import { touched } from "@/lib/query"
import { lastDays, monthOf, type Month } from "./amounts"

export type User = components["schemas"]["AdminUser"]
export type Spend = components["schemas"]["UserSpend"]
type Schemas = components["schemas"]

export const ENABLED = 1
export const DISABLED = 2
const HANG_ON = ["users", "requests", "usage", "self"]

export interface Wanted {
  find: string
  group: string
  role: string
  status: string
  sort: string
  order: "asc" | "desc"
  page: number
  size: number
}

export function useUsers({ find, group, role, status, sort, order, page, size }: Wanted) {
  const query = { keyword: find, group, role, status, sort_by: sort, sort_order: order, p: String(page), page_size: String(size) }
  return useQuery({
    queryKey: ["users", "list", query],
    queryFn: () => take(api.GET("/api/user/search", { params: { query } })),
    placeholderData: keepPreviousData,
  })
}

/** What the users of a page spent in the last 30 days, by id. */
export function useSums(ids: number[]) {
  const query = { ids: ids.join(","), ...lastDays(new Date()) }
  return useQuery({
    queryKey: ["users", "sums", query],
    queryFn: async () => new Map((await take(api.GET("/api/console/users/spend", { params: { query } }))).map((sum) => [sum.user_id, sum])),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })
}

export function useUser(id: number) {
  return useQuery({ queryKey: ["users", "one", id], queryFn: () => take(api.GET("/api/user/{user_id}", { params: { path: { user_id: id } } })) })
}

export function useSpend(id: number, month: Month) {
  return useQuery({
    queryKey: ["users", "spend", id, month],
    queryFn: () => {
      const now = new Date()
      const query = { ...monthOf(month, now), zone: now.getTimezoneOffset() * -60 }
      return take(api.GET("/api/console/users/{user_id}/spend", { params: { path: { user_id: id }, query } }))
    },
  })
}

export function useGroups() {
  return useQuery({ queryKey: ["groups", "names"], queryFn: () => take(api.GET("/api/group/")) })
}

export function useAct() {
  return useMutation({
    mutationFn: (body: Schemas["UsersAction"]) => take(api.POST("/api/console/users/actions", { body })),
    onSuccess: () => touched(...HANG_ON),
  })
}

/** Promote, demote, delete: one user. */
export function useManage() {
  return useMutation({
    mutationFn: ({ id, action }: { id: number; action: "promote" | "demote" | "delete" }) => take(api.POST("/api/user/manage", { body: { id, action, value: 0 } })),
    onSuccess: () => touched(...HANG_ON),
  })
}

export type Edit = Pick<Schemas["UserEdit"], "id" | "username" | "display_name" | "group" | "remark" | "password">

export function useEdit() {
  return useMutation({
    mutationFn: (body: Edit) => take(api.PUT("/api/user/", { body: { role: 0, ...body } as Schemas["UserEdit"] })),
    onSuccess: () => touched(...HANG_ON),
  })
}

export function useCreate() {
  return useMutation({
    mutationFn: (body: Schemas["UserCreation"]) => take(api.POST("/api/user/", { body })),
    onSuccess: () => touched(...HANG_ON),
  })
}
