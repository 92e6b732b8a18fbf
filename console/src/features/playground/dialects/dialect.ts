/** What a dialect must say of itself. Everything here is pure. */
import type { Step } from "../answer"
import type { Fields } from "../json"
import type { DialectName, Message, Parameters } from "../types"

export type Knob = "temperature" | "topP" | "maxTokens" | "stop" | "seed" | "effort" | "budget" | "json"

export interface Ask {
  model: string
  messages: Message[]
  parameters: Parameters
}

export interface Dialect {
  name: DialectName
  /** As its owner calls it; the same in every language. */
  label: string
  /** Among a model's `supported_endpoint_types`. */
  endpointType: string
  /** The parameters it has a field for. `json`: JSON of any shape, without a schema. */
  knobs: ReadonlySet<Knob>
  efforts: readonly string[]
  path: (model: string, stream: boolean) => string
  headers: (key: string) => Record<string, string>
  body: (ask: Ask) => Fields
  /** What one event of a stream adds; `data` is its JSON. */
  read: (data: Fields) => Step
  /** What a whole answer says. */
  parse: (body: Fields) => Step
}

/** The words of the system: the parameter first, then messages of that role. */
export function systemOf({ messages, parameters }: Ask): string {
  const said = messages.filter(({ role }) => role === "system").map((message) => message.text)
  return [parameters.system, ...said].filter(Boolean).join("\n\n")
}

/** Reasoning is given back only in front of the calls it led to: that is where providers demand it. */
export function sealsFor(message: Message, dialect: DialectName): Fields[] {
  if (!message.calls?.length) return []
  return (message.seals ?? []).filter((seal) => seal.dialect === dialect).map(({ item }) => item)
}

export const dataUrl = (mediaType: string, data: string): string => `data:${mediaType};base64,${data}`
export const bearer = (key: string): Record<string, string> => ({ Authorization: `Bearer ${key}` })
