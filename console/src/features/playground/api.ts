/** What the playground asks of the server besides the calls themselves: keys, their models, what an answer cost. */
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query"
import { api, ApiError, take } from "@/lib/http"
import { touched } from "@/lib/query"
import { session } from "@/lib/session"
import { DIALECT } from "./dialects"
import { list, text } from "./json"
import { faultText } from "./send"
import { DIALECTS } from "./types"

const ENABLED = 1
const NEVER = -1
const LISTED = 100
const CHARGE_TRIES = 12
const CHARGE_AFTER_MS = 700
export const PLAYGROUND_KEY = "Playground"

export interface NamedKey {
  id: number
  name: string
}

export interface OfferedModel {
  name: string
}

const keysQuery = queryOptions({
  queryKey: ["keys", "usable"],
  queryFn: async (): Promise<NamedKey[]> => {
    const page = await take(api.GET("/api/token/", { params: { query: { p: "1", page_size: String(LISTED) } } }))
    const now = Date.now() / 1000
    return page.items
      .filter((key) => key.status === ENABLED && (key.expired_time === NEVER || key.expired_time > now) && (key.unlimited_quota || key.remain_quota > 0))
      .map(({ id, name }) => ({ id, name }))
  },
})

/** The person's keys that can be used now. */
export function useKeys() {
  return useQuery(keysQuery)
}

/** Makes a key for the playground. */
export function useCreateKey() {
  return useMutation({
    mutationFn: () => take(api.POST("/api/token/", { body: { name: PLAYGROUND_KEY, unlimited_quota: true, remain_quota: 0, expired_time: NEVER } as never })),
    onSuccess: () => touched("keys"),
  })
}

/** Whole keys, in memory only, forgotten with the session. Apart from the query cache: revealing is counted. */
const secrets = new Map<number, Promise<string>>()
session.subscribe(() => {
  if (!session.user) secrets.clear()
})

async function reveal(id: number): Promise<string> {
  const { key } = await take(api.POST("/api/token/{key_id}/key", { params: { path: { key_id: id } } }))
  return key.startsWith("sk-") ? key : `sk-${key}`
}

/** The whole key; read once a session. */
export function secretOf(id: number): Promise<string> {
  const known = secrets.get(id)
  if (known) return known
  const asked = reveal(id)
  secrets.set(id, asked)
  asked.catch(() => secrets.delete(id))
  return asked
}

async function modelsOf(id: number): Promise<OfferedModel[]> {
  const answer = await fetch("/v1/models", { headers: { Authorization: `Bearer ${await secretOf(id)}` } })
  const body = await answer.text()
  if (!answer.ok) throw new ApiError(faultText(body), answer.status, "", answer.headers.get("x-oneapi-request-id") ?? "")
  const spoken = new Set(DIALECTS.map((name) => DIALECT[name].endpointType))
  return list((JSON.parse(body) as { data?: unknown }).data)
    .filter((model) => !Array.isArray(model.supported_endpoint_types) || model.supported_endpoint_types.some((type) => spoken.has(String(type))))
    .map((model) => ({ name: text(model.id) }))
}

/** The models that a key may use and that can be talked to. */
export function useModels(keyId: number | null) {
  return useQuery({ queryKey: ["models", "of-key", keyId], queryFn: () => modelsOf(keyId ?? 0), enabled: keyId !== null })
}

/** What a request was charged, in quota units, once its line is in the log; asks for a while. */
export async function chargeOf(requestId: string): Promise<number | undefined> {
  for (let tries = 0; tries < CHARGE_TRIES; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, CHARGE_AFTER_MS))
    const page = await take(api.GET("/api/log/self", { params: { query: { request_id: requestId } } })).catch(() => null)
    const line = page?.items[0]
    if (line) {
      void touched("requests", "usage", "keys", "self")
      return line.quota
    }
  }
  return undefined
}
