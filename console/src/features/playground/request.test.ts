import { describe, expect, it } from "vitest"
import { obstacle, prepared, sendable } from "./request"
import { readTools } from "./tools"
import { UNSET, type Lane } from "./types"

const data = "QUJD".repeat(200)
const lane: Lane = { dialect: "openai_chat", model: "m", messages: [{ id: "1", role: "user", text: "Look", images: [{ name: "a.png", mediaType: "image/png", data }] }] }

describe("the request as it is shown", () => {
  it("stands for images with marks, and is sent with their data", () => {
    const { path, shown } = prepared(lane, { ...UNSET, stream: false })
    expect(path).toBe("/v1/chat/completions")
    expect(shown).toContain('"url": "data:image/png;base64,{{image 1}}"')
    expect(JSON.parse(sendable(lane, shown))).toEqual({
      model: "m",
      messages: [{ role: "user", content: [{ type: "text", text: "Look" }, { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } }] }],
    })
  })
  it("merges the extra body last, objects into objects", () => {
    const { shown } = prepared({ dialect: "gemini", model: "m", messages: [] }, { ...UNSET, temperature: 1, extra: '{"generationConfig":{"topK":4,"temperature":0},"safetySettings":[]}' })
    expect(JSON.parse(shown)).toEqual({ contents: [], generationConfig: { temperature: 0, topK: 4 }, safetySettings: [] })
  })
  it("names the parameter that cannot be read", () => {
    expect(obstacle(UNSET)).toBeNull()
    expect(obstacle({ ...UNSET, tools: "[{}]" })).toBe("tools")
    expect(obstacle({ ...UNSET, format: "schema", schema: "{" })).toBe("schema")
    expect(obstacle({ ...UNSET, extra: "[1]" })).toBe("extra")
  })
})

describe("tools as they are pasted", () => {
  const tool = { name: "f", description: "", schema: { type: "object" } }
  it.each([
    ["OpenAI Chat", '[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]'],
    ["OpenAI Responses", '{"type":"function","name":"f","parameters":{"type":"object"}}'],
    ["Claude", '[{"name":"f","input_schema":{"type":"object"}}]'],
    ["Gemini", '{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}'],
  ])("in the form of %s", (_form, source) => expect(readTools(source)).toEqual([tool]))
  it("are none of nothing, and unreadable without a name", () => {
    expect(readTools(" ")).toEqual([])
    expect(readTools("{")).toBeNull()
    expect(readTools("[1]")).toBeNull()
  })
})
