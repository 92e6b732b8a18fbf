/** Recorded answers of the sandbox: a stream and its whole twin say the same, and exactly this. */
import { describe, expect, it } from "vitest"
import { contentOf, grown, NOTHING_YET, type Answer } from "../answer"
import { fields, parsed } from "../json"
import { EventCutter } from "../sse"
import { DIALECTS, type DialectName } from "../types"
import { DIALECT } from "."

const files = import.meta.glob<string>("../recorded/*", { query: "?raw", import: "default", eager: true })
const recorded = (name: string): string => files[`../recorded/${name}`] ?? ""

function streamed(dialect: DialectName, kind: string): Answer {
  const cutter = new EventCutter()
  const events = [...cutter.feed(new TextEncoder().encode(recorded(`${dialect}.${kind}.stream.txt`))), ...cutter.end()]
  return events.reduce((answer, { data }) => grown(answer, DIALECT[dialect].read(fields(parsed(data)))), NOTHING_YET)
}

function whole(dialect: DialectName, kind: string): Answer {
  return grown(NOTHING_YET, DIALECT[dialect].parse(fields(parsed(recorded(`${dialect}.${kind}.reply.json`)))))
}

const said = (answer: Answer, dialect: DialectName) => ({ ...contentOf(answer, dialect), usage: answer.usage, stop: answer.stop, fault: answer.fault })

const THOUGHT = "The user says: use the tool."
const LONGER = `${THOUGHT} I think about it once more before I answer.`
const SIGNED = "XOs1rKqJjHreaWKQYGk6DFdwRv7w0dvmW3cGeWBEyGo="
const SEALED = "RP2ekFXIyZKmswn5IMNJPYrS++PXwuSq57m5NbU4JuQ="
const CALL = { name: "get_weather", arguments: '{"city":"city"}' }

describe.each(DIALECTS)("%s", (dialect) => {
  it.each(["tool", "text"])("says the same streamed and whole: %s", (kind) => {
    const read = said(streamed(dialect, kind), dialect)
    const seals = read.seals?.map(({ item }) => ({ ...item, id: undefined }))
    const twin = said(whole(dialect, kind), dialect)
    expect({ ...read, seals }).toEqual({ ...twin, seals: twin.seals?.map(({ item }) => ({ ...item, id: undefined })) })
  })
  it("reads text", () => expect(streamed(dialect, "text").text).toBe("You said: Grüße 🌍"))
})

describe("a call after a thought", () => {
  it("openai_chat", () =>
    expect(said(streamed("openai_chat", "tool"), "openai_chat")).toEqual({
      text: "",
      reasoning: THOUGHT,
      calls: [{ id: "call_96e2d821aa22e0f33e189fb6", ...CALL }],
      seals: [{ dialect: "openai_chat", item: { type: "reasoning.encrypted", data: SEALED, format: "openai_chat", length: 28, index: 0 } }],
      usage: { input: 45, output: 19, cached: 0, reasoning: 10 },
      stop: "tool_calls",
    }))
  it("openai_responses", () =>
    expect(said(streamed("openai_responses", "tool"), "openai_responses")).toEqual({
      text: "",
      reasoning: THOUGHT,
      calls: [{ id: "call_96e2d821aa22e0f33e189fb6", ...CALL }],
      seals: [{ dialect: "openai_responses", item: { type: "reasoning", id: expect.stringMatching(/^rs_/) as string, summary: [{ type: "summary_text", text: THOUGHT }], encrypted_content: SEALED } }],
      usage: { input: 69, output: 19, cached: 0, reasoning: 10 },
      stop: "completed",
    }))
  it("anthropic", () =>
    expect(said(streamed("anthropic", "tool"), "anthropic")).toEqual({
      text: "",
      reasoning: LONGER,
      calls: [{ id: "toolu_96e2d821aa22e0f33e189fb6", ...CALL }],
      seals: [{ dialect: "anthropic", item: { type: "thinking", thinking: LONGER, signature: SIGNED } }],
      usage: { input: 37, output: 32, cached: 0, reasoning: 23 },
      stop: "tool_use",
    }))
  it("gemini", () =>
    expect(said(streamed("gemini", "tool"), "gemini")).toEqual({
      text: "",
      reasoning: LONGER,
      calls: [{ id: "call_96e2d821aa22e0f33e189fb6", ...CALL, seal: SIGNED }],
      usage: { input: 4, output: 32, cached: 0, reasoning: 23 },
      stop: "STOP",
    }))
})

describe("what went wrong", () => {
  it.each([
    ["openai_chat", '{"error":{"message":"busy","type":"server_error"}}'],
    ["openai_responses", '{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"busy"}}}'],
    ["openai_responses", '{"type":"error","message":"busy"}'],
    ["anthropic", '{"type":"error","error":{"type":"api_error","message":"busy"}}'],
    ["gemini", '{"error":{"code":500,"message":"busy","status":"INTERNAL"}}'],
  ] as const)("%s tells it in an event", (dialect, event) => expect(DIALECT[dialect].read(fields(parsed(event))).fault).toBe("busy"))
})
