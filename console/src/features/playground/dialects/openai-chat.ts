/** OpenAI Chat Completions. Source: OpenAI API reference, Chat, 2026-10. */
import type { SealStep, Step } from "../answer"
import { count, fields, given, list, text, type Fields } from "../json"
import { readSchema, readTools } from "../tools"
import type { Message, Parameters } from "../types"
import { bearer, dataUrl, sealsFor, type Ask, type Dialect } from "./dialect"

function content(message: Message): unknown {
  if (!message.images?.length) return message.text
  const images = message.images.map(({ mediaType, data }) => ({ type: "image_url", image_url: { url: dataUrl(mediaType, data) } }))
  return [...(message.text ? [{ type: "text", text: message.text }] : []), ...images]
}

function answer(message: Message): Fields {
  if (!message.calls?.length) return { role: "assistant", content: message.text }
  const details = sealsFor(message, "openai_chat")
  return given({
    role: "assistant",
    content: message.text || null,
    // Hosts that think between calls refuse a conversation in which their thoughts are missing.
    reasoning_content: message.reasoning,
    reasoning_details: details.length ? details : undefined,
    tool_calls: message.calls.map(({ id, name, arguments: said }) => ({ id, type: "function", function: { name, arguments: said } })),
  })
}

function messagesOf(message: Message): Fields[] {
  if (message.role === "tool") return (message.results ?? []).map(({ callId, text: said }) => ({ role: "tool", tool_call_id: callId, content: said }))
  if (message.role === "assistant") return [answer(message)]
  return [{ role: message.role, content: content(message) }]
}

function format({ format: wish, schema }: Parameters): Fields | undefined {
  if (wish === "json") return { type: "json_object" }
  if (wish === "schema") return { type: "json_schema", json_schema: { name: "answer", schema: readSchema(schema) ?? {} } }
  return undefined
}

function body({ model, messages, parameters }: Ask): Fields {
  const tools = readTools(parameters.tools) ?? []
  const system = parameters.system ? [{ role: "system", content: parameters.system }] : []
  return given({
    model,
    messages: [...system, ...messages.flatMap(messagesOf)],
    stream: parameters.stream || undefined,
    stream_options: parameters.stream ? { include_usage: true } : undefined,
    temperature: parameters.temperature,
    top_p: parameters.topP,
    max_completion_tokens: parameters.maxTokens,
    stop: parameters.stop.length ? parameters.stop : undefined,
    seed: parameters.seed,
    reasoning_effort: parameters.effort || undefined,
    response_format: format(parameters),
    tools: tools.length ? tools.map(({ name, description, schema }) => ({ type: "function", function: { name, description, parameters: schema } })) : undefined,
  })
}

function usage(source: unknown): Step["usage"] {
  if (!source) return undefined
  const told = fields(source)
  return {
    input: count(told.prompt_tokens),
    output: count(told.completion_tokens),
    cached: count(fields(told.prompt_tokens_details).cached_tokens),
    reasoning: count(fields(told.completion_tokens_details).reasoning_tokens),
  }
}

const GROWING = ["text", "summary", "data"]

/** Details come in fragments: those of one index are one. */
function seal(detail: Fields, place: number): SealStep {
  const fragments = Object.entries(detail).filter(([name, value]) => GROWING.includes(name) && typeof value === "string")
  const item = Object.fromEntries(Object.entries(detail).filter(([name, value]) => !GROWING.includes(name) && value !== null))
  return { key: `${text(detail.type)}${String(detail.index ?? place)}`, item, grow: Object.fromEntries(fragments) as Record<string, string> }
}

/** A delta and a whole message have the same fields. */
function said(message: Fields): Step {
  return {
    text: text(message.content) + text(message.refusal),
    reasoning: text(message.reasoning_content) || text(message.reasoning),
    calls: list(message.tool_calls).map((call, index) => ({
      key: String(call.index ?? index),
      id: text(call.id),
      name: text(fields(call.function).name),
      arguments: text(fields(call.function).arguments),
    })),
    seals: list(message.reasoning_details).map(seal),
  }
}

function step(source: Fields, part: "delta" | "message"): Step {
  if (source.error) return { fault: text(fields(source.error).message) || JSON.stringify(source.error) }
  const choice = list(source.choices)[0] ?? {}
  return { ...said(fields(choice[part])), usage: usage(source.usage), stop: text(choice.finish_reason) || undefined }
}

export const openaiChat: Dialect = {
  name: "openai_chat",
  label: "OpenAI Chat",
  endpointType: "openai",
  knobs: new Set(["temperature", "topP", "maxTokens", "stop", "seed", "effort", "json"]),
  efforts: ["none", "minimal", "low", "medium", "high", "xhigh"],
  path: () => "/v1/chat/completions",
  headers: bearer,
  body,
  read: (data) => step(data, "delta"),
  parse: (answered) => step(answered, "message"),
}
