import { describe, expect, it } from "vitest"
import { awaits, compared, exported, imported, newConversation, resultsFor, titleOf, upTo, without } from "./conversation"
import type { Conversation, Lane, Message } from "./types"

const asked: Message = { id: "a", role: "user", text: "Weather?" }
const called: Message = { id: "b", role: "assistant", text: "", calls: [{ id: "c1", name: "f", arguments: "{}" }] }
const told: Message = { id: "c", role: "tool", text: "", results: [{ callId: "c1", name: "f", text: "sunny" }] }
const lane: Lane = { dialect: "gemini", model: "m", messages: [asked, called, told] }
const conversation: Conversation = { ...newConversation(7, lane), title: "T", lanes: [lane] }

describe("a lane", () => {
  it("ends before or with a message", () => {
    expect(upTo(lane, "b", false).messages).toEqual([asked])
    expect(upTo(lane, "b", true).messages).toEqual([asked, called])
  })
  it("loses the results with the answer that called", () => expect(without(lane, "b").messages).toEqual([asked]))
  it("keeps the answer when only the results go", () => expect(without(lane, "c").messages).toEqual([asked, called]))
  it("waits for the model after anything but an answer", () => {
    expect(awaits(lane)).toBe(true)
    expect(awaits(upTo(lane, "b", true))).toBe(false)
    expect(awaits({ ...lane, messages: [] })).toBe(false)
  })
})

describe("a conversation", () => {
  it("has the first line as its title, shortened", () => {
    expect(titleOf("  One\nTwo")).toBe("One")
    expect(titleOf("x".repeat(60))).toBe(`${"x".repeat(48)}…`)
  })
  it("is compared with the same messages under other ids", () => {
    const second = compared(conversation, "other").lanes[1]
    expect(second?.model).toBe("other")
    expect(second?.messages.map(({ text }) => text)).toEqual(lane.messages.map(({ text }) => text))
    expect(second?.messages[0]?.id).not.toBe("a")
  })
  it("takes a result for every call", () => expect(resultsFor(called, { c1: "rain" })).toEqual([{ callId: "c1", name: "f", text: "rain" }]))
  it("comes back from a file as one of its reader", () => {
    const [read] = imported(exported([conversation]), 9) ?? []
    expect(read).toMatchObject({ owner: 9, title: "T", parameters: conversation.parameters })
    expect(read?.id).not.toBe(conversation.id)
    const nameless = (messages?: Message[]) => messages?.map((message) => ({ ...message, id: "" }))
    expect(nameless(read?.lanes[0]?.messages)).toEqual(nameless(lane.messages))
  })
  it.each(["", "{}", '{"format":"faregate.playground/1","conversations":[{"lanes":[]}]}', '{"format":"faregate.playground/1","conversations":[{"lanes":[{"dialect":"x","messages":[]}]}]}'])("is not read from %j", (source) =>
    expect(imported(source, 9)).toBeNull(),
  )
})
