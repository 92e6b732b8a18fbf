import { describe, expect, it } from "vitest"
import { searchOf } from "./search"
import { wordsOf } from "./stream"

const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

describe("wordsOf", () => {
  it("reads whole lines and keeps the rest", () => {
    expect(wordsOf(`${chunk("po")}${chunk("ng")}data: {"cho`)).toEqual({ words: "pong", rest: 'data: {"cho' })
    expect(wordsOf("data: [DONE]\n\n")).toEqual({ words: "", rest: "" })
  })
  it("tells an error within the stream", () => {
    expect(() => wordsOf('data: {"error":{"message":"broke"}}\n')).toThrow("broke")
  })
})

describe("search", () => {
  it("knows its steps", () => {
    expect(searchOf({ step: "channel", key: "3" })).toEqual({ step: "channel", key: 3 })
    expect(searchOf({ step: "odd", key: "x" })).toEqual({})
  })
})
