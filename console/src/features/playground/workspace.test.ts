import { beforeEach, describe, expect, it, vi } from "vitest"
import { NOTHING_YET } from "./answer"
import { awaits, compared, messagesOf, newId, upTo, withLane } from "./conversation"
import { send, type Call, type Exchange } from "./send"
import { dropConversation, keepConversation, listConversations } from "./storage"
import type { Conversation } from "./types"
import { Workspace } from "./workspace"

vi.mock("./storage", () => ({ listConversations: vi.fn(), keepConversation: vi.fn(), dropConversation: vi.fn() }))
vi.mock("./api", () => ({ chargeOf: () => Promise.resolve(42) }))
vi.mock("./send", () => ({ send: vi.fn() }))

const BLANK: Exchange = { path: "", sent: "", status: 200, headers: [], requestId: "r", events: [], body: "", answer: NOTHING_YET }

/** One call under way, ended by the test or by its signal. */
interface Line {
  call: Call
  signal: AbortSignal
  end: (text: string) => void
}

/** A promise that the test settles. */
function pending<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

let lines: Line[] = []
let workspace: Workspace

beforeEach(() => {
  lines = []
  vi.mocked(listConversations).mockReset().mockResolvedValue([])
  vi.mocked(keepConversation).mockReset().mockResolvedValue()
  vi.mocked(dropConversation).mockReset().mockResolvedValue()
  vi.mocked(send).mockReset().mockImplementation((call, signal) => {
    const { promise, resolve } = pending<Exchange>()
    signal.addEventListener("abort", () => resolve({ ...BLANK, stopped: true }))
    lines.push({ call, signal, end: (text) => resolve({ ...BLANK, sent: call.body, answer: { ...NOTHING_YET, text } }) })
    return promise
  })
  workspace = new Workspace(7)
})

const key = () => Promise.resolve("sk-1")
const now = (id: string): Conversation | undefined => workspace.get().all[id]
const texts = (id: string) => now(id)?.lanes.map(({ messages }) => messages.map(({ text }) => text))
const waiting = async () => new Promise((resolve) => setTimeout(resolve))

/** A conversation in which something was asked, on one side or on two. */
function asked(sides: 1 | 2 = 1): string {
  const { id } = workspace.create({ dialect: "openai_chat", model: "m" })
  workspace.change(id, (one) => withLane(one, 0, (lane) => ({ ...lane, messages: [{ id: newId(), role: "user", text: "Hello" }] })))
  if (sides === 2) workspace.change(id, (one) => compared(one, "other"))
  return id
}

async function answering(id: string, ...sides: number[]): Promise<void> {
  for (const side of sides) void workspace.answer(id, side, key)
  await waiting()
}

describe("an answer", () => {
  it("is written and charged where its message has moved to", async () => {
    const id = asked(2)
    await answering(id, 0, 1)
    workspace.change(id, (one) => ({ ...one, lanes: one.lanes.toSpliced(0, 1) }))
    lines[1]?.end("from the other")
    await waiting()
    expect(texts(id)).toEqual([["Hello", "from the other"]])
    expect(now(id)?.lanes[0]?.messages[1]?.facts?.charge).toBe(42)
  })
  it("stops with the side that is closed, the other one goes on", async () => {
    const id = asked(2)
    await answering(id, 0, 1)
    workspace.change(id, (one) => ({ ...one, lanes: one.lanes.toSpliced(0, 1) }))
    expect(lines.map(({ signal }) => signal.aborted)).toEqual([true, false])
    await waiting()
    expect(workspace.get().running.size).toBe(1)
  })
  it("stops when its message is cut off", async () => {
    const id = asked()
    await answering(id, 0)
    const [question] = now(id)?.lanes[0]?.messages ?? []
    workspace.change(id, (one) => withLane(one, 0, (lane) => upTo(lane, question?.id ?? "", true)))
    await answering(id, 0)
    expect(lines.map(({ signal }) => signal.aborted)).toEqual([true, false])
    lines[1]?.end("again")
    await waiting()
    expect(texts(id)).toEqual([["Hello", "again"]])
  })
})

describe("while the key is read", () => {
  it("the answer is already under way, so that no lane awaits one", async () => {
    const id = asked()
    const { promise, resolve } = pending<string>()
    void workspace.answer(id, 0, () => promise)
    expect(workspace.get().running.size).toBe(1)
    expect(now(id)?.lanes.some(awaits)).toBe(false)
    expect(lines).toHaveLength(0)
    resolve("sk-2")
    await waiting()
    expect(lines.map(({ call }) => call.key)).toEqual(["sk-2"])
  })
  it("a refusal gives the lane back as it was", async () => {
    const id = asked()
    await expect(workspace.answer(id, 0, () => Promise.reject(new Error("no key")))).rejects.toThrow("no key")
    expect(texts(id)).toEqual([["Hello"]])
    expect(now(id)?.lanes.some(awaits)).toBe(true)
    expect(workspace.get().running.size).toBe(0)
    expect(lines).toHaveLength(0)
  })
})

describe("a removed conversation", () => {
  it("is not kept again by the answer that it stopped", async () => {
    const id = asked()
    await answering(id, 0)
    const { promise, resolve } = pending<void>()
    vi.mocked(dropConversation).mockReturnValue(promise)
    vi.mocked(keepConversation).mockClear()
    const removing = workspace.remove(id)
    await waiting()
    expect(lines[0]?.signal.aborted).toBe(true)
    resolve()
    await removing
    expect(now(id)).toBeUndefined()
    expect(keepConversation).not.toHaveBeenCalled()
    expect(workspace.get().exchanges).toEqual({})
  })
})

describe("exchanges", () => {
  it("go with their messages", async () => {
    const [one, other] = [asked(), asked()]
    await answering(one, 0)
    await answering(other, 0)
    for (const { end } of lines) end("Hi")
    await waiting()
    expect(Object.keys(workspace.get().exchanges)).toHaveLength(2)
    await workspace.remove(one)
    const [, answer] = now(other)?.lanes[0]?.messages ?? []
    expect(Object.keys(workspace.get().exchanges)).toEqual([answer?.id])
    workspace.change(other, (its) => withLane(its, 0, (lane) => upTo(lane, answer?.id ?? "", false)))
    expect(workspace.get().exchanges).toEqual({})
  })
  it("are held for the latest twenty answers", async () => {
    const ids = Array.from({ length: 22 }, () => asked())
    for (const id of ids) await answering(id, 0)
    for (const { end } of lines) end("Hi")
    await waiting()
    const answers = ids.map((id) => messagesOf(now(id) as Conversation).at(-1)?.id)
    expect(Object.keys(workspace.get().exchanges)).toEqual(answers.slice(2))
  })
})

describe("storage that refuses", () => {
  const full = new Error("full")
  it("is told when a conversation is removed", async () => {
    vi.mocked(dropConversation).mockRejectedValue(full)
    await workspace.remove(asked())
    expect(workspace.get().failure).toBe(full)
  })
  it("is told when conversations are brought in", async () => {
    const other = new Workspace(7).create({ dialect: "gemini", model: "m" })
    expect(await workspace.adopt([other])).toBe(true)
    vi.mocked(keepConversation).mockRejectedValue(full)
    expect(await workspace.adopt([other])).toBe(false)
    expect(workspace.get().failure).toBe(full)
  })
})
