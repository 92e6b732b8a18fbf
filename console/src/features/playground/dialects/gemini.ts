/** Gemini's generateContent. Source: Gemini API reference, 2026-10. */
import type { Step } from "../answer"
import { count, fields, given, list, nested, object, parsed, text, type Fields } from "../json"
import { readSchema, readTools } from "../tools"
import type { Message, Parameters, ToolCall } from "../types"
import { systemOf, type Ask, type Dialect } from "./dialect"

const wordsOf = (said: string): Fields[] => (said ? [{ text: said }] : [])

function call({ id, name, arguments: said, seal }: ToolCall): Fields {
  return given({ functionCall: { id, name, args: object(said) }, thoughtSignature: seal })
}

/** A result must be an object: what is none is put into one. */
function result(said: string): Fields {
  const value = parsed(said)
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : { result: said }
}

function turn(message: Message): Fields {
  if (message.role === "assistant") return { role: "model", parts: [...wordsOf(message.text), ...(message.calls ?? []).map(call)] }
  if (message.role === "tool")
    return { role: "user", parts: (message.results ?? []).map(({ callId, name, text: said }) => ({ functionResponse: { id: callId, name, response: result(said) } })) }
  const images = (message.images ?? []).map(({ mediaType, data }) => ({ inlineData: { mimeType: mediaType, data } }))
  return { role: "user", parts: [...wordsOf(message.text), ...images] }
}

function thinking({ effort, budget }: Parameters): Fields | undefined {
  if (!effort && budget === undefined) return undefined
  return given({ thinkingLevel: effort || undefined, thinkingBudget: budget, includeThoughts: true })
}

function body(ask: Ask): Fields {
  const { messages, parameters } = ask
  const tools = readTools(parameters.tools) ?? []
  const system = systemOf(ask)
  return given({
    systemInstruction: system ? { parts: [{ text: system }] } : undefined,
    contents: messages.filter(({ role }) => role !== "system").map(turn),
    ...nested("generationConfig", {
      temperature: parameters.temperature,
      topP: parameters.topP,
      maxOutputTokens: parameters.maxTokens,
      stopSequences: parameters.stop.length ? parameters.stop : undefined,
      seed: parameters.seed,
      responseMimeType: parameters.format === "text" ? undefined : "application/json",
      responseJsonSchema: parameters.format === "schema" ? (readSchema(parameters.schema) ?? {}) : undefined,
      thinkingConfig: thinking(parameters),
    }),
    tools: tools.length ? [{ functionDeclarations: tools.map(({ name, description, schema }) => ({ name, description, parametersJsonSchema: schema })) }] : undefined,
  })
}

function usage(source: unknown): Step["usage"] {
  if (!source) return undefined
  const told = fields(source)
  const thoughts = count(told.thoughtsTokenCount)
  return { input: count(told.promptTokenCount), output: count(told.candidatesTokenCount) + thoughts, cached: count(told.cachedContentTokenCount), reasoning: thoughts }
}

/** A stream's event is an answer too, with less in it. */
function read(data: Fields): Step {
  if (data.error) return { fault: text(fields(data.error).message) }
  const candidate = list(data.candidates)[0] ?? {}
  const parts = list(fields(candidate.content).parts)
  const calls = parts.filter((part) => part.functionCall).map((part) => {
    const made = fields(part.functionCall)
    return { key: null, id: text(made.id), name: text(made.name), arguments: JSON.stringify(made.args ?? {}), seal: text(part.thoughtSignature) }
  })
  return {
    text: parts.filter((part) => !part.thought).map((part) => text(part.text)).join(""),
    reasoning: parts.filter((part) => part.thought).map((part) => text(part.text)).join(""),
    calls,
    usage: usage(data.usageMetadata),
    stop: text(candidate.finishReason) || text(fields(data.promptFeedback).blockReason) || undefined,
  }
}

export const gemini: Dialect = {
  name: "gemini",
  label: "Gemini",
  endpointType: "gemini",
  knobs: new Set(["temperature", "topP", "maxTokens", "stop", "seed", "effort", "budget", "json"]),
  efforts: ["minimal", "low", "medium", "high"],
  path: (model, stream) => `/v1beta/models/${encodeURIComponent(model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  headers: (key) => ({ "x-goog-api-key": key }),
  body,
  read,
  parse: read,
}
