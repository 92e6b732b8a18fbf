/** The exact bytes of a request in each dialect: everything set, nothing set, and a conversation that used a tool. */
import { describe, expect, it } from "vitest"
import { UNSET, type DialectName, type Message, type Parameters } from "../types"
import { DIALECT } from "."

const PNG = { name: "dot.png", mediaType: "image/png", data: "iVBORw0KGgo=" }
const SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}}}'
const SET: Parameters = {
  stream: true,
  system: "Be brief.",
  temperature: 0.5,
  topP: 0.9,
  maxTokens: 4000,
  stop: ["END"],
  seed: 7,
  effort: "low",
  budget: 2048,
  format: "schema",
  schema: SCHEMA,
  tools: `[{"name":"get_weather","description":"Weather","parameters":${SCHEMA}}]`,
  extra: "",
}
const HELLO: Message = { id: "1", role: "user", text: "Look", images: [PNG] }

const sealed: Record<DialectName, Record<string, unknown>> = {
  openai_chat: { type: "reasoning.encrypted", data: "x" },
  openai_responses: { type: "reasoning", id: "rs_1", summary: [] },
  anthropic: { type: "thinking", thinking: "hm", signature: "x" },
  gemini: {},
}
const used = (dialect: DialectName): Message[] => [
  { id: "0", role: "system", text: "Use tools." },
  { id: "1", role: "user", text: "Weather?" },
  {
    id: "2",
    role: "assistant",
    text: "I look.",
    reasoning: "hm",
    seals: [{ dialect, item: sealed[dialect] }, { dialect: dialect === "gemini" ? "anthropic" : "gemini", item: { foreign: true } }],
    calls: [{ id: "c1", name: "get_weather", arguments: '{"city":"Bern"}', seal: "sig" }],
  },
  { id: "3", role: "tool", text: "", results: [{ callId: "c1", name: "get_weather", text: "sunny" }] },
]

const bytes = (dialect: DialectName, messages: Message[], parameters: Parameters) => JSON.stringify(DIALECT[dialect].body({ model: "m", messages, parameters }))
const plain: Message[] = [{ id: "1", role: "user", text: "Hi" }]

describe("openai_chat", () => {
  it("sends what is set and nothing else", () => {
    expect(bytes("openai_chat", plain, { ...UNSET, stream: false })).toBe('{"model":"m","messages":[{"role":"user","content":"Hi"}]}')
    expect(bytes("openai_chat", [HELLO], SET)).toBe(
      '{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}],"stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":0.9,"max_completion_tokens":4000,"stop":["END"],"seed":7,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":{"city":{"type":"string"}}}}},"tools":[{"type":"function","function":{"name":"get_weather","description":"Weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]}',
    )
  })
  it("gives a call, its thoughts and its result back", () =>
    expect(bytes("openai_chat", used("openai_chat"), { ...UNSET, stream: false })).toBe(
      '{"model":"m","messages":[{"role":"system","content":"Use tools."},{"role":"user","content":"Weather?"},{"role":"assistant","content":"I look.","reasoning_content":"hm","reasoning_details":[{"type":"reasoning.encrypted","data":"x"}],"tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Bern\\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"sunny"}]}',
    ))
})

describe("openai_responses", () => {
  it("sends what is set and nothing else", () => {
    expect(bytes("openai_responses", plain, { ...UNSET, stream: false })).toBe('{"model":"m","input":[{"role":"user","content":"Hi"}]}')
    expect(bytes("openai_responses", [HELLO], SET)).toBe(
      '{"model":"m","instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text","text":"Look"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}]}],"stream":true,"temperature":0.5,"top_p":0.9,"max_output_tokens":4000,"reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object","properties":{"city":{"type":"string"}}}}},"tools":[{"type":"function","name":"get_weather","description":"Weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}]}',
    )
  })
  it("gives a call, its thoughts and its result back", () =>
    expect(bytes("openai_responses", used("openai_responses"), { ...UNSET, stream: false })).toBe(
      '{"model":"m","input":[{"role":"system","content":"Use tools."},{"role":"user","content":"Weather?"},{"type":"reasoning","id":"rs_1","summary":[]},{"role":"assistant","content":"I look."},{"type":"function_call","call_id":"c1","name":"get_weather","arguments":"{\\"city\\":\\"Bern\\"}"},{"type":"function_call_output","call_id":"c1","output":"sunny"}]}',
    ))
})

describe("anthropic", () => {
  it("sends what is set, and the limit that is demanded", () => {
    expect(bytes("anthropic", plain, { ...UNSET, stream: false })).toBe('{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Hi"}]}')
    expect(bytes("anthropic", [HELLO], SET)).toBe(
      '{"model":"m","max_tokens":4000,"system":"Be brief.","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},{"type":"text","text":"Look"}]}],"stream":true,"temperature":0.5,"top_p":0.9,"stop_sequences":["END"],"thinking":{"type":"enabled","budget_tokens":2048},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{"city":{"type":"string"}}}}},"tools":[{"name":"get_weather","description":"Weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]}',
    )
  })
  it("leaves room above a budget", () => expect(bytes("anthropic", [], { ...UNSET, stream: false, budget: 8192 })).toBe('{"model":"m","max_tokens":9216,"messages":[],"thinking":{"type":"enabled","budget_tokens":8192}}'))
  it("gives a call, its thoughts and its result back", () =>
    expect(bytes("anthropic", used("anthropic"), { ...UNSET, stream: false })).toBe(
      '{"model":"m","max_tokens":4096,"system":"Use tools.","messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"x"},{"type":"text","text":"I look."},{"type":"tool_use","id":"c1","name":"get_weather","input":{"city":"Bern"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"sunny"}]}]}',
    ))
})

describe("gemini", () => {
  it("sends what is set and nothing else", () => {
    expect(bytes("gemini", plain, UNSET)).toBe('{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}')
    expect(bytes("gemini", [HELLO], SET)).toBe(
      '{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Look"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]}],"generationConfig":{"temperature":0.5,"topP":0.9,"maxOutputTokens":4000,"stopSequences":["END"],"seed":7,"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"city":{"type":"string"}}},"thinkingConfig":{"thinkingLevel":"low","thinkingBudget":2048,"includeThoughts":true}},"tools":[{"functionDeclarations":[{"name":"get_weather","description":"Weather","parametersJsonSchema":{"type":"object","properties":{"city":{"type":"string"}}}}]}]}',
    )
  })
  it("gives a call, its signature and its result back", () =>
    expect(bytes("gemini", used("gemini"), UNSET)).toBe(
      '{"systemInstruction":{"parts":[{"text":"Use tools."}]},"contents":[{"role":"user","parts":[{"text":"Weather?"}]},{"role":"model","parts":[{"text":"I look."},{"functionCall":{"id":"c1","name":"get_weather","args":{"city":"Bern"}},"thoughtSignature":"sig"}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"get_weather","response":{"result":"sunny"}}}]}]}',
    ))
  it("names model and manner in the path", () => {
    expect(DIALECT.gemini.path("m/1", true)).toBe("/v1beta/models/m%2F1:streamGenerateContent?alt=sse")
    expect(DIALECT.gemini.path("m", false)).toBe("/v1beta/models/m:generateContent")
  })
})
