/** An answer as it grows: steps of any dialect, folded into one message. */
import type { DialectName, Message, Seal, ToolCall, Usage } from "./types"

/** A piece of a tool call. Pieces with the same key belong together; null: a whole call. */
export interface CallStep {
  key: string | null
  id?: string
  name?: string
  arguments?: string
  seal?: string
}

/** A piece of sealed reasoning: `item` is set, the texts in `grow` are appended. */
export interface SealStep {
  key: string
  item?: Record<string, unknown>
  grow?: Record<string, string>
}

/** What one event, or one whole answer, adds. */
export interface Step {
  text?: string
  reasoning?: string
  calls?: CallStep[]
  seals?: SealStep[]
  usage?: Partial<Usage>
  stop?: string
  /** The gateway's or provider's words for what went wrong. */
  fault?: string
}

export interface Answer {
  text: string
  reasoning: string
  calls: (ToolCall & { key: string | null })[]
  seals: { key: string; item: Record<string, unknown> }[]
  usage?: Usage
  stop?: string
  fault?: string
}

export const NOTHING_YET: Answer = { text: "", reasoning: "", calls: [], seals: [] }

function withCall(calls: Answer["calls"], step: CallStep): Answer["calls"] {
  const at = step.key === null ? -1 : calls.findIndex((call) => call.key === step.key)
  const before = calls[at] ?? { key: step.key, id: "", name: "", arguments: "" }
  const after = {
    ...before,
    id: step.id || before.id,
    name: step.name || before.name,
    arguments: before.arguments + (step.arguments ?? ""),
    ...(step.seal ? { seal: step.seal } : {}),
  }
  return at < 0 ? [...calls, after] : calls.with(at, after)
}

function withSeal(seals: Answer["seals"], step: SealStep): Answer["seals"] {
  const at = seals.findIndex((seal) => seal.key === step.key)
  const item = { ...seals[at]?.item, ...step.item }
  for (const [name, more] of Object.entries(step.grow ?? {})) item[name] = `${String(item[name] ?? "")}${more}`
  return at < 0 ? [...seals, { key: step.key, item }] : seals.with(at, { key: step.key, item })
}

/** The answer with one step more. */
export function grown(answer: Answer, step: Step): Answer {
  return {
    text: answer.text + (step.text ?? ""),
    reasoning: answer.reasoning + (step.reasoning ?? ""),
    calls: (step.calls ?? []).reduce(withCall, answer.calls),
    seals: (step.seals ?? []).reduce(withSeal, answer.seals),
    usage: step.usage ? { input: 0, output: 0, cached: 0, reasoning: 0, ...answer.usage, ...step.usage } : answer.usage,
    stop: step.stop ?? answer.stop,
    fault: step.fault ?? answer.fault,
  }
}

/** True once there is something to see. */
export function begun(answer: Answer): boolean {
  return answer.text !== "" || answer.reasoning !== "" || answer.calls.length > 0
}

/** The parts of a message that an answer in `dialect` fills. */
export function contentOf(answer: Answer, dialect: DialectName): Pick<Message, "text" | "reasoning" | "calls" | "seals"> {
  const seals: Seal[] = answer.seals.map(({ item }) => ({ dialect, item }))
  const calls = answer.calls.map((call, index) => ({
    id: call.id || `call_${index}`,
    name: call.name,
    arguments: call.arguments || "{}",
    ...(call.seal ? { seal: call.seal } : {}),
  }))
  return {
    text: answer.text,
    ...(answer.reasoning ? { reasoning: answer.reasoning } : {}),
    ...(calls.length ? { calls } : {}),
    ...(seals.length ? { seals } : {}),
  }
}
