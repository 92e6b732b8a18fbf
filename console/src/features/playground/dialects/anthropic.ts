/** Claude Messages. Source: Anthropic API reference, Messages and its streaming, 2026-10. */
import type { Step } from "../answer"
import { count, fields, given, list, nested, object, text, type Fields } from "../json"
import { readSchema, readTools } from "../tools"
import type { Message } from "../types"
import { sealsFor, systemOf, type Ask, type Dialect } from "./dialect"

/** The dialect demands a limit. */
export const USUAL_MAX_TOKENS = 4096
const LEAST_OVER_BUDGET = 1024
const VERSION = "2023-06-01"

function asked(message: Message): unknown {
  if (!message.images?.length) return message.text
  const images = message.images.map(({ mediaType, data }) => ({ type: "image", source: { type: "base64", media_type: mediaType, data } }))
  return [...images, ...(message.text ? [{ type: "text", text: message.text }] : [])]
}

function answered(message: Message): unknown {
  if (!message.calls?.length) return message.text
  const words = message.text ? [{ type: "text", text: message.text }] : []
  const calls = message.calls.map(({ id, name, arguments: said }) => ({ type: "tool_use", id, name, input: object(said) }))
  return [...sealsFor(message, "anthropic"), ...words, ...calls]
}

function turn(message: Message): Fields {
  if (message.role === "assistant") return { role: "assistant", content: answered(message) }
  if (message.role !== "tool") return { role: "user", content: asked(message) }
  return { role: "user", content: (message.results ?? []).map(({ callId, text: content }) => ({ type: "tool_result", tool_use_id: callId, content })) }
}

function body(ask: Ask): Fields {
  const { model, messages, parameters } = ask
  const { budget } = parameters
  const tools = readTools(parameters.tools) ?? []
  const schema = parameters.format === "schema" ? readSchema(parameters.schema) : null
  return given({
    model,
    max_tokens: parameters.maxTokens ?? Math.max(USUAL_MAX_TOKENS, budget === undefined ? 0 : budget + LEAST_OVER_BUDGET),
    system: systemOf(ask) || undefined,
    messages: messages.filter(({ role }) => role !== "system").map(turn),
    stream: parameters.stream || undefined,
    temperature: parameters.temperature,
    top_p: parameters.topP,
    stop_sequences: parameters.stop.length ? parameters.stop : undefined,
    thinking: budget === undefined ? undefined : { type: "enabled", budget_tokens: budget },
    ...nested("output_config", { effort: parameters.effort || undefined, format: schema ? { type: "json_schema", schema } : undefined }),
    tools: tools.length ? tools.map(({ name, description, schema: input }) => ({ name, description, input_schema: input })) : undefined,
  })
}

/** Only what was told: a stream tells the prompt first and the answer last. */
function usage(source: unknown): Step["usage"] {
  if (!source) return undefined
  const told = fields(source)
  const cached = count(told.cache_read_input_tokens)
  const input = "input_tokens" in told ? { input: count(told.input_tokens) + cached + count(told.cache_creation_input_tokens), cached } : {}
  return { ...input, output: count(told.output_tokens), reasoning: count(fields(told.output_tokens_details).thinking_tokens) }
}

function opened(block: Fields, key: string): Step {
  switch (block.type) {
    case "text":
      return { text: text(block.text) }
    case "thinking":
      return { reasoning: text(block.thinking), seals: [{ key, item: block }] }
    case "redacted_thinking":
      return { seals: [{ key, item: block }] }
    case "tool_use":
      return { calls: [{ key, id: text(block.id), name: text(block.name) }] }
    default:
      return {}
  }
}

function delta(source: Fields, key: string): Step {
  switch (source.type) {
    case "text_delta":
      return { text: text(source.text) }
    case "thinking_delta":
      return { reasoning: text(source.thinking), seals: [{ key, grow: { thinking: text(source.thinking) } }] }
    case "signature_delta":
      return { seals: [{ key, grow: { signature: text(source.signature) } }] }
    case "input_json_delta":
      return { calls: [{ key, arguments: text(source.partial_json) }] }
    default:
      return {}
  }
}

function read(data: Fields): Step {
  const key = String(data.index)
  switch (data.type) {
    case "message_start":
      return { usage: usage(fields(data.message).usage) }
    case "content_block_start":
      return opened(fields(data.content_block), key)
    case "content_block_delta":
      return delta(fields(data.delta), key)
    case "message_delta":
      return { usage: usage(data.usage), stop: text(fields(data.delta).stop_reason) || undefined }
    default:
      return data.error ? { fault: text(fields(data.error).message) } : {}
  }
}

function parse(message: Fields): Step {
  if (message.error) return { fault: text(fields(message.error).message) }
  const blocks = list(message.content)
  const steps = blocks.map((block, index) => opened(block, String(index)))
  const calls = blocks.filter(({ type }) => type === "tool_use").map((block) => ({ key: null, id: text(block.id), name: text(block.name), arguments: JSON.stringify(block.input ?? {}) }))
  return {
    text: steps.map((step) => step.text ?? "").join(""),
    reasoning: steps.map((step) => step.reasoning ?? "").join(""),
    calls,
    seals: steps.flatMap((step) => step.seals ?? []),
    usage: usage(message.usage),
    stop: text(message.stop_reason) || undefined,
  }
}

export const anthropic: Dialect = {
  name: "anthropic",
  label: "Claude Messages",
  endpointType: "anthropic",
  knobs: new Set(["temperature", "topP", "maxTokens", "stop", "effort", "budget"]),
  efforts: ["low", "medium", "high", "xhigh", "max"],
  path: () => "/v1/messages",
  headers: (key) => ({ "x-api-key": key, "anthropic-version": VERSION }),
  body,
  read,
  parse,
}
