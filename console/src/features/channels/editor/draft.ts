/** A channel as its form holds it: from the server's words, and back to those that changed. */
import type { Channel, ChannelEdit, Creation } from "../api"

export interface Draft {
  type: number
  name: string
  tag: string
  remark: string
  baseUrl: string
  organization: string
  apiVersion: string
  responsesVersion: string
  betaQuery: boolean
  routes: string
  keys: string
  /** Of a new channel: one key, many keys in one channel, a channel for every key. */
  keyMode: "single" | "multi_to_single" | "batch"
  keyChange: "append" | "replace"
  turn: "random" | "polling"
  models: string[]
  mapping: string
  testModel: string
  groups: string[]
  priority: string
  weight: string
  autoBan: boolean
  statusMapping: string
  paramOverride: string
  headerOverride: string
  passThrough: boolean
  serviceTier: boolean
  inferenceGeo: boolean
  speed: boolean
  safetyIdentifier: boolean
  obfuscation: boolean
  noStore: boolean
  proxy: string
}

export type Field = keyof Draft
/** Keys of the namespace's strings, by field. */
export type Faults = Partial<Record<Field, string>>

export const EMPTY: Draft = {
  type: 0, name: "", tag: "", remark: "", baseUrl: "", organization: "", apiVersion: "", responsesVersion: "", betaQuery: false, routes: "", keys: "",
  keyMode: "single", keyChange: "append", turn: "random", models: [], mapping: "", testModel: "", groups: ["default"], priority: "0", weight: "0", autoBan: true,
  statusMapping: "", paramOverride: "", headerOverride: "", passThrough: false, serviceTier: false, inferenceGeo: false, speed: false, safetyIdentifier: false,
  obfuscation: false, noStore: false, proxy: "",
} // prettier-ignore

/** Fields that live in the JSON of `settings`, with their names there. */
const SWITCHES = {
  betaQuery: "claude_beta_query",
  serviceTier: "allow_service_tier",
  inferenceGeo: "allow_inference_geo",
  speed: "allow_speed",
  safetyIdentifier: "allow_safety_identifier",
  obfuscation: "allow_include_obfuscation",
  noStore: "disable_store",
} as const satisfies Partial<Record<Field, string>>
const IN_SETTING: Field[] = ["proxy", "passThrough"]
const IN_SETTINGS: Field[] = [...(Object.keys(SWITCHES) as Field[]), "responsesVersion", "routes"]

/** Wire names of the fields that go over as they are. */
const PLAIN = {
  type: "type", name: "name", tag: "tag", remark: "remark", baseUrl: "base_url", organization: "openai_organization", apiVersion: "other", mapping: "model_mapping",
  testModel: "test_model", statusMapping: "status_code_mapping", paramOverride: "param_override", headerOverride: "header_override",
} as const // prettier-ignore

export function names(list: string | null | undefined): string[] {
  return [...new Set((list ?? "").split(",").map((name) => name.trim()).filter(Boolean))]
}

/** The JSON object of a text; empty for anything else. */
export function object(text: string | null | undefined): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text || "{}")
    return found && typeof found === "object" && !Array.isArray(found) ? (found as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

export function isObject(text: string): boolean {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === "object" && found !== null && !Array.isArray(found)
  } catch {
    return false
  }
}

export function draftOf(channel: Channel): Draft {
  const setting = object(channel.setting)
  const settings = object(channel.settings)
  const switches = Object.fromEntries(Object.entries(SWITCHES).map(([field, name]) => [field, settings[name] === true]))
  const routes = settings.advanced_custom
  return {
    ...EMPTY,
    ...switches,
    type: channel.type,
    name: channel.name,
    tag: channel.tag ?? "",
    remark: channel.remark ?? "",
    baseUrl: channel.base_url,
    organization: channel.openai_organization ?? "",
    apiVersion: channel.other,
    responsesVersion: String(settings.azure_responses_version ?? ""),
    routes: routes ? JSON.stringify(routes, null, 2) : "",
    turn: channel.channel_info.multi_key_mode === "polling" ? "polling" : "random",
    models: names(channel.models),
    mapping: channel.model_mapping ?? "",
    testModel: channel.test_model ?? "",
    groups: names(channel.group),
    priority: String(channel.priority),
    weight: String(channel.weight),
    autoBan: channel.auto_ban === 1,
    statusMapping: channel.status_code_mapping ?? "",
    paramOverride: channel.param_override ?? "",
    headerOverride: channel.header_override ?? "",
    passThrough: setting.pass_through_body_enabled === true,
    proxy: typeof setting.proxy === "string" ? setting.proxy : "",
  }
}

/** The fields that differ, in the form's order. How a new key is taken counts only with one. */
export function changes(before: Draft, now: Draft): Field[] {
  const differ = (Object.keys(EMPTY) as Field[]).filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]))
  return differ.filter((field) => field !== "keyChange")
}

function merged(text: string | null | undefined, told: Record<string, unknown>): string {
  const all = { ...object(text), ...told }
  return JSON.stringify(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== "" && value !== false && value !== undefined)))
}

function wire(now: Draft, changed: Field[], setting?: string | null, settings?: string | null): Omit<ChannelEdit, "id"> {
  const body: Record<string, unknown> = {}
  for (const [field, name] of Object.entries(PLAIN)) if (changed.includes(field as Field)) body[name] = now[field as Field]
  if (changed.includes("models")) body.models = now.models.join(",")
  if (changed.includes("groups")) body.group = now.groups.join(",")
  if (changed.includes("priority")) body.priority = Number(now.priority)
  if (changed.includes("weight")) body.weight = Number(now.weight)
  if (changed.includes("autoBan")) body.auto_ban = now.autoBan ? 1 : 0
  if (IN_SETTING.some((field) => changed.includes(field))) body.setting = merged(setting, { proxy: now.proxy, pass_through_body_enabled: now.passThrough })
  if (IN_SETTINGS.some((field) => changed.includes(field))) {
    const switches = Object.fromEntries(Object.entries(SWITCHES).map(([field, name]) => [name, now[field as Field]]))
    const routes = now.routes.trim() ? object(now.routes) : undefined
    body.settings = merged(settings, { ...switches, azure_responses_version: now.responsesVersion, advanced_custom: routes })
  }
  return body
}

export function editOf(channel: Channel, before: Draft, now: Draft): ChannelEdit {
  const changed = changes(before, now)
  const body: ChannelEdit = { id: channel.id, ...wire(now, changed, channel.setting, channel.settings) }
  if (now.keys.trim()) {
    body.key = now.keys.trim()
    if (channel.channel_info.is_multi_key) body.key_mode = now.keyChange
  }
  if (changed.includes("turn")) body.multi_key_mode = now.turn
  return body
}

export function creationOf(now: Draft): Creation {
  const changed = (Object.keys(EMPTY) as Field[]).filter((field) => field === "groups" || JSON.stringify(EMPTY[field]) !== JSON.stringify(now[field]))
  return {
    mode: now.keyMode,
    batch_add_set_key_prefix_2_name: now.keyMode === "batch",
    ...(now.keyMode === "multi_to_single" && { multi_key_mode: now.turn }),
    channel: { ...wire(now, changed), key: now.keys.trim(), status: 1 },
  }
}
