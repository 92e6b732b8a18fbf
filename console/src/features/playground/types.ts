/** What a conversation is made of, whatever dialect it is spoken in. All of it can be written as JSON. */

export const DIALECTS = ["openai_chat", "openai_responses", "anthropic", "gemini"] as const
export type DialectName = (typeof DIALECTS)[number]

export const ROLES = ["user", "assistant", "system"] as const
/** `tool`: the results of the calls in the answer before it. */
export type Role = (typeof ROLES)[number] | "tool"

/** `data` is base64. */
export interface Image {
  name: string
  mediaType: string
  data: string
}

/** `arguments` is JSON text; `seal` is the signature that a Gemini call must be given back with. */
export interface ToolCall {
  id: string
  name: string
  arguments: string
  seal?: string
}

export interface ToolResult {
  callId: string
  name: string
  text: string
}

/** A signed or encrypted piece of reasoning, as its dialect wrote it. Means nothing to another dialect. */
export interface Seal {
  dialect: DialectName
  item: Record<string, unknown>
}

/** Tokens. `input` holds what was cached, `output` what was thought. */
export interface Usage {
  input: number
  output: number
  cached: number
  reasoning: number
}

/** How an answer went. Times in milliseconds from sending; `charge` in quota units, absent until it is booked. */
export interface Facts {
  requestId: string
  model: string
  firstMs?: number
  totalMs?: number
  usage?: Usage
  stop?: string
  charge?: number
}

/** What a call was refused with; `status` 0: it broke off, `text` may say why. */
export interface Fault {
  text: string
  status: number
}

export interface Message {
  id: string
  role: Role
  text: string
  images?: Image[]
  reasoning?: string
  seals?: Seal[]
  calls?: ToolCall[]
  results?: ToolResult[]
  facts?: Facts
  fault?: Fault
  /** True when the person stopped the answer. */
  stopped?: boolean
}

/** Empty text and absent numbers are not sent: the provider's default holds. */
export interface Parameters {
  stream: boolean
  system: string
  temperature?: number
  topP?: number
  maxTokens?: number
  stop: string[]
  seed?: number
  effort: string
  budget?: number
  format: "text" | "json" | "schema"
  schema: string
  tools: string
  extra: string
}

/** One model's side of a conversation. */
export interface Lane {
  dialect: DialectName
  model: string
  messages: Message[]
}

export interface Conversation {
  id: string
  owner: number
  title: string
  createdAt: number
  updatedAt: number
  parameters: Parameters
  lanes: Lane[]
}

export const UNSET: Parameters = { stream: true, system: "", stop: [], effort: "", format: "text", schema: "", tools: "", extra: "" }
