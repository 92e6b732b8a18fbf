/** What set-up writes. */
import { api, take } from "@/lib/http"
import { touched } from "@/lib/query"
import { session } from "@/lib/session"
import type { ProviderChoice } from "./providers"

export interface Account {
  username: string
  password: string
  secret: string
}

export const USES = ["me", "team", "resale"] as const
export type Use = (typeof USES)[number]

/** Makes the root account and signs it in. */
export async function setUp({ username, password, secret }: Account): Promise<void> {
  await take(api.POST("/api/setup", { body: { username, password, confirmPassword: password, setup_secret: secret, SelfUseModeEnabled: false, DemoSiteEnabled: false } }))
  session.adopt(await take(api.POST("/api/user/login", { body: { username, password } })))
  await touched("status", "self")
}

async function write(key: string, value: string): Promise<void> {
  await take(api.PUT("/api/option/", { body: { key, value } }))
}

export async function chooseUse(use: Use): Promise<void> {
  await write("SelfUseModeEnabled", String(use === "me"))
  await write("RegisterEnabled", String(use === "resale"))
  await touched("status", "settings", "models")
}

export interface Draft {
  provider: ProviderChoice
  key: string
  address: string
}

export interface Offered {
  name: string
  priced: boolean
}

/** What the provider offers to this key, and what of it has a price. */
export async function offered({ provider, key, address }: Draft): Promise<Offered[]> {
  const names = await take(api.POST("/api/channel/fetch_models", { body: { type: provider.type, key, base_url: address, channel_id: 0, proxy: "" } }))
  return withPrices(names)
}

export async function withPrices(models: string[]): Promise<Offered[]> {
  const unpriced = new Set(await take(api.POST("/api/console/callable/unpriced", { body: { models } })))
  return models.map((name) => ({ name, priced: !unpriced.has(name) }))
}

/** Gives models of the sandbox, which cost nothing, the price nothing. */
async function makeFree(models: string[]): Promise<void> {
  const settings = await take(api.GET("/api/option/"))
  const ratios = JSON.parse(settings.find(({ key }) => key === "ModelRatio")?.value ?? "{}") as Record<string, number>
  await write("ModelRatio", JSON.stringify({ ...ratios, ...Object.fromEntries(models.map((name) => [name, 0])) }))
}

/** The id of the channel that was made. */
export async function addChannel({ provider, key, address }: Draft, chosen: Offered[]): Promise<number> {
  const unpriced = chosen.filter(({ priced }) => !priced).map(({ name }) => name)
  if (!provider.needsKey && unpriced.length) await makeFree(unpriced)
  const channel = { type: provider.type, name: provider.name, key, base_url: address, models: chosen.map(({ name }) => name).join(","), group: "default" }
  await take(api.POST("/api/channel/", { body: { mode: "single", batch_add_set_key_prefix_2_name: false, channel } }))
  await touched("channels", "models", "prices", "settings")
  const newest = await take(api.GET("/api/channel/", { params: { query: { id_sort: "true", page_size: "1" } as never } }))
  return newest.items[0]?.id ?? 0
}

export async function removeChannel(id: number): Promise<void> {
  await take(api.DELETE("/api/channel/{channel_id}", { params: { path: { channel_id: id } } }))
  await touched("channels", "models")
}

/** Seconds that the channel's test took. Throws ApiError when it failed. */
export async function test(id: number, model: string): Promise<number> {
  const { data, error, response } = await api.GET("/api/channel/test/{channel_id}", { params: { path: { channel_id: id }, query: { model } } })
  await touched("channels")
  if (data?.success) return data.time
  await take(Promise.resolve({ data, error, response }))
  return 0
}

export async function hasChannel(): Promise<boolean> {
  return (await take(api.GET("/api/channel/", { params: { query: { page_size: "1" } as never } }))).total > 0
}

/** A key without limits: its id and the key itself. */
export async function makeKey(name: string) {
  const made = await take(api.POST("/api/console/keys", { body: { name, group: "", expires_at: -1, limit: null, models: [], allow_ips: [], auto_groups: [], cross_group_retry: false } }))
  await touched("keys")
  return made
}

export async function revealKey(id: number): Promise<string> {
  const { key } = await take(api.POST("/api/token/{key_id}/key", { params: { path: { key_id: id } } }))
  return `sk-${key.replace(/^sk-/, "")}`
}
