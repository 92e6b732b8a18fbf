/** Channels from the server, and every write to them. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"
import { touched } from "@/lib/query"
import { DEFAULT_SIZE, type ChannelSearch } from "./search"

type Schemas = components["schemas"]
export type ChannelRow = Schemas["ChannelRow"]
export type Channel = Schemas["ShownChannel"]
export type Provider = Schemas["ProviderView"]
export type Health = Schemas["ChannelHealth"]
export type KeyRow = Schemas["KeyRow"]
export type TagEdit = Schemas["TagEdit"]
export type Creation = Schemas["Creation"]
export type ChannelEdit = Schemas["ChannelEdit"]
export type ModelQuestion = Schemas["ModelQuestion"]

export const ENABLED = 1
export const DISABLED = 2
export const AUTO_DISABLED = 3

const HEALTH_EVERY_MS = 60_000
const SETTLED_MS = 300_000

export function useChannels(search: ChannelSearch, refetchInterval: number | false = false) {
  const { q, status, type, group, tag, sort, ascending, by, page = 1, size = DEFAULT_SIZE } = search
  const query = { q, status, type: type === undefined ? undefined : String(type), group, tag, sort, ascending, by_tag: by === "tag", p: String(page), page_size: String(size) }
  return useQuery({
    queryKey: ["channels", "list", search],
    queryFn: () => take(api.GET("/api/console/channels", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval,
  })
}

export function useChannel(id: number) {
  return useQuery({ queryKey: ["channels", "one", id], queryFn: () => take(api.GET("/api/channel/{channel_id}", { params: { path: { channel_id: id } } })) })
}

export function useProviders() {
  return useQuery({ queryKey: ["channels", "providers"], queryFn: () => take(api.GET("/api/console/providers")), staleTime: SETTLED_MS })
}

export function useHealth() {
  const found = useQuery({ queryKey: ["channels", "health"], queryFn: () => take(api.GET("/api/console/channel-health")), refetchInterval: HEALTH_EVERY_MS })
  return { since: found.data?.since ?? 0, byId: new Map(found.data?.channels.map((one) => [one.channel_id, one])), isKnown: found.data !== undefined }
}

export function useGroups() {
  return useQuery({ queryKey: ["settings", "groups"], queryFn: () => take(api.GET("/api/group/")), staleTime: SETTLED_MS })
}

/** Models usually behind each type, by its number. */
export function useKnownModels() {
  return useQuery({ queryKey: ["channels", "known"], queryFn: () => take(api.GET("/api/models")), staleTime: SETTLED_MS })
}

/** Those of `models` that nothing prices. */
export function useUnpriced(models: string[]) {
  return useQuery({
    queryKey: ["models", "unpriced", models],
    queryFn: () => take(api.POST("/api/console/callable/unpriced", { body: { models } })),
    placeholderData: keepPreviousData,
    enabled: models.length > 0,
  })
}

export function useKeys(id: number, page: number, state: number, size: number) {
  return useQuery({
    queryKey: ["channels", "keys", id, page, state, size],
    queryFn: () => take(api.GET("/api/console/channels/{channel_id}/keys", { params: { path: { channel_id: id }, query: { p: String(page), page_size: String(size), status: state } } })),
    placeholderData: keepPreviousData,
  })
}

/** Asks a provider for its models: of a saved channel, or with credentials that are not saved. */
export function fetchModels(question: ModelQuestion | { saved: number }): Promise<string[]> {
  if ("saved" in question) return take(api.GET("/api/channel/fetch_models/{channel_id}", { params: { path: { channel_id: question.saved } } }))
  return take(api.POST("/api/channel/fetch_models", { body: question }))
}

/** A write; afterwards everything that hangs on channels is read again. */
function useWrite<Given, Got>(write: (given: Given) => Promise<Got>) {
  return useMutation({ mutationFn: write, onSuccess: () => touched("channels", "models", "requests") })
}

export const useCreate = () => useWrite((body: Creation) => take(api.POST("/api/console/channels", { body })))
export const useEdit = () => useWrite((body: ChannelEdit) => take(api.PUT("/api/channel/", { body })))
export const useRemove = () => useWrite((id: number) => take(api.DELETE("/api/channel/{channel_id}", { params: { path: { channel_id: id } } })))
export const useRemoveSeveral = () => useWrite((ids: number[]) => take(api.POST("/api/channel/batch", { body: { ids } })))
export const useRemoveDisabled = () => useWrite(() => take(api.DELETE("/api/channel/disabled")))
export const useSetTag = () => useWrite(({ ids, tag }: { ids: number[]; tag: string }) => take(api.POST("/api/channel/batch/tag", { body: { ids, tag: tag || null } })))
export const useSwitch = () => useWrite(({ ids, on }: { ids: number[]; on: boolean }) => take(api.POST("/api/channel/status/batch", { body: { ids, status: on ? ENABLED : DISABLED } })))
export const useEditTag = () => useWrite((body: TagEdit) => take(api.PUT("/api/channel/tag", { body })))
export const useTestAll = () => useWrite(() => take(api.GET("/api/channel/test")))

export const useSwitchTag = () =>
  useWrite(({ tag, on }: { tag: string; on: boolean }) => take(on ? api.POST("/api/channel/tag/enabled", { body: { tag } }) : api.POST("/api/channel/tag/disabled", { body: { tag } })))

export const useCopy = () =>
  useWrite(({ id, suffix }: { id: number; suffix: string }) => take(api.POST("/api/channel/copy/{channel_id}", { params: { path: { channel_id: id }, query: { suffix } } })))

export type KeyDeed = "enable_key" | "disable_key" | "delete_key" | "enable_all_keys" | "disable_all_keys" | "delete_disabled_keys"

export const useManageKeys = (id: number) =>
  useWrite(({ action, position }: { action: KeyDeed; position?: number }) =>
    take(api.POST("/api/channel/multi_key/manage", { body: { channel_id: id, action, key_index: position ?? null, page: 1, page_size: 50 } })),
  )
