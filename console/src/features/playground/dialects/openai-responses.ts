/** OpenAI Responses. Source: OpenAI API reference, Responses and its streaming events, 2026-10. */
import type { Step } from "../answer"
import { count, fields, given, list, nested, text, type Fields } from "../json"
import { readSchema, readTools } from "../tools"
import type { Message, Parameters } from "../types"
import { bearer, dataUrl, sealsFor, type Ask, type Dialect } from "./dialect"

function content(message: Message): unknown {
  if (!message.images?.length) return message.text
  const images = message.images.map(({ mediaType, data }) => ({ type: "input_image", image_url: dataUrl(mediaType, data) }))
  return [...(message.text ? [{ type: "input_text", text: message.text }] : []), ...images]
}

function items(message: Message): Fields[] {
  if (message.role === "tool") return (message.results ?? []).map(({ callId, text: output }) => ({ type: "function_call_output", call_id: callId, output }))
  if (message.role !== "assistant") return [{ role: message.role, content: content(message) }]
  const calls = (message.calls ?? []).map(({ id, name, arguments: said }) => ({ type: "function_call", call_id: id, name, arguments: said }))
  const words = message.text || !calls.length ? [{ role: "assistant", content: message.text }] : []
  return [...sealsFor(message, "openai_responses"), ...words, ...calls]
}

function format({ format: wish, schema }: Parameters): Fields | undefined {
  if (wish === "json") return { type: "json_object" }
  if (wish === "schema") return { type: "json_schema", name: "answer", schema: readSchema(schema) ?? {} }
  return undefined
}

function body({ model, messages, parameters }: Ask): Fields {
  const tools = readTools(parameters.tools) ?? []
  return given({
    model,
    instructions: parameters.system || undefined,
    input: messages.flatMap(items),
    stream: parameters.stream || undefined,
    temperature: parameters.temperature,
    top_p: parameters.topP,
    max_output_tokens: parameters.maxTokens,
    // Without a summary the thoughts are never shown.
    reasoning: parameters.effort ? { effort: parameters.effort, summary: "auto" } : undefined,
    ...nested("text", { format: format(parameters) }),
    tools: tools.length ? tools.map(({ name, description, schema }) => ({ type: "function", name, description, parameters: schema })) : undefined,
  })
}

function usage(source: unknown): Step["usage"] {
  if (!source) return undefined
  const told = fields(source)
  return {
    input: count(told.input_tokens),
    output: count(told.output_tokens),
    cached: count(fields(told.input_tokens_details).cached_tokens),
    reasoning: count(fields(told.output_tokens_details).reasoning_tokens),
  }
}

/** How a response ended, without what it said. */
function ending(response: Fields): Step {
  const error = fields(response.error)
  return {
    usage: usage(response.usage),
    stop: text(fields(response.incomplete_details).reason) || text(response.status) || undefined,
    fault: response.error ? text(error.message) || JSON.stringify(error) : undefined,
  }
}

const words = (parts: unknown): string => list(parts).map((part) => text(part.text) + text(part.refusal)).join("")

function item(source: Fields, key: string): Step {
  if (source.type === "message") return { text: words(source.content) }
  if (source.type === "reasoning") {
    const told = list(source.summary).length ? source.summary : source.content
    return { reasoning: list(told).map((part) => text(part.text)).join("\n\n"), seals: [{ key, item: source }] }
  }
  if (source.type !== "function_call") return {}
  return { calls: [{ key, id: text(source.call_id), name: text(source.name), arguments: text(source.arguments) }] }
}

function read(data: Fields): Step {
  const key = String(data.output_index)
  switch (data.type) {
    case "response.output_text.delta":
    case "response.refusal.delta":
      return { text: text(data.delta) }
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      return { reasoning: text(data.delta) }
    case "response.reasoning_summary_part.added":
      return count(data.summary_index) ? { reasoning: "\n\n" } : {}
    case "response.output_item.added": {
      const call = fields(data.item)
      return call.type === "function_call" ? { calls: [{ key, id: text(call.call_id), name: text(call.name) }] } : {}
    }
    case "response.function_call_arguments.delta":
      return { calls: [{ key, arguments: text(data.delta) }] }
    case "response.output_item.done":
      return { seals: item(fields(data.item), key).seals }
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      return ending(fields(data.response))
    case "error":
      return { fault: text(data.message) || text(fields(data.error).message) }
    default:
      return data.error ? { fault: text(fields(data.error).message) } : {}
  }
}

function parse(response: Fields): Step {
  const steps = list(response.output).map((one, index) => item(one, String(index)))
  return {
    text: steps.map((one) => one.text ?? "").join(""),
    reasoning: steps.map((one) => one.reasoning ?? "").join(""),
    calls: steps.flatMap((one) => one.calls ?? []),
    seals: steps.flatMap((one) => one.seals ?? []),
    ...ending(response),
  }
}

export const openaiResponses: Dialect = {
  name: "openai_responses",
  label: "OpenAI Responses",
  endpointType: "openai-response",
  knobs: new Set(["temperature", "topP", "maxTokens", "effort", "json"]),
  efforts: ["none", "minimal", "low", "medium", "high", "xhigh"],
  path: () => "/v1/responses",
  headers: bearer,
  body,
  read,
  parse,
}
