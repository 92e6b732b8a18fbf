import { MantineProvider } from "@mantine/core"
import { cleanup, fireEvent, render, screen } from "@testing-library/react"
import i18next from "i18next"
import { useSyncExternalStore, type ReactNode } from "react"
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { initLanguage } from "@/lib/i18n"
import { secretOf, type useModels } from "../api"
import { send } from "../send"
import type { Conversation } from "../types"
import { Workspace } from "../workspace"
import { Desk } from "./desk"
import { Kept } from "./kept"

vi.mock("../storage", () => ({ listConversations: () => Promise.resolve([]), keepConversation: () => Promise.resolve(), dropConversation: () => Promise.resolve() }))
vi.mock("../api", () => ({ secretOf: vi.fn() }))
vi.mock("../send", () => ({ send: vi.fn() }))
vi.mock("./bar", () => ({ Bar: () => null }))
vi.mock("./inspector", () => ({ Inspector: () => null }))

beforeAll(async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener: () => undefined, removeEventListener: () => undefined }))
  vi.stubGlobal("ResizeObserver", class {
    observe() {}
    unobserve() {}
    disconnect() {}
  })
  await initLanguage("en")
  await i18next.loadNamespaces("playground")
})

let workspace: Workspace
let id: string

beforeEach(() => {
  vi.mocked(secretOf).mockReset().mockReturnValue(new Promise(() => undefined))
  vi.mocked(send).mockReset().mockReturnValue(new Promise(() => undefined))
  workspace = new Workspace(7)
  id = workspace.create({ dialect: "openai_chat", model: "m" }).id
})
afterEach(cleanup)

const show = (page: ReactNode) => render(<MantineProvider env="test">{page}</MantineProvider>)
const nothing = () => undefined

function Table() {
  const state = useSyncExternalStore(workspace.subscribe, workspace.get)
  const offered = { data: [{ name: "m" }], error: null } as ReturnType<typeof useModels>
  const conversation = state.all[id] as Conversation
  return <Desk {...{ conversation, workspace, state, offered }} keys={[{ id: 1, name: "k" }]} keyId={1} onKey={nothing} onUsed={nothing} onNew={nothing} onList={nothing} search={{}} go={nothing} />
}

function say(words: string): HTMLElement {
  const message = screen.getByRole("textbox", { name: "Message" })
  fireEvent.change(message, { target: { value: words } })
  fireEvent.keyDown(message, { key: "Enter" })
  return message
}

describe("the desk", () => {
  it("sends once, however often Enter is pressed while the key is read", () => {
    show(<Table />)
    fireEvent.keyDown(say("Hello"), { key: "Enter" })
    expect(secretOf).toHaveBeenCalledTimes(1)
    expect(screen.queryByRole("button", { name: /Send/ })).toBeNull()
    expect(screen.getByRole("button", { name: "Stop" })).toBeTruthy()
  })
  it("offers to try again once the key was refused, and then only once", async () => {
    vi.mocked(secretOf).mockRejectedValueOnce(new Error("refused"))
    show(<Table />)
    say("Hello")
    fireEvent.click(await screen.findByRole("button", { name: "Try again" }))
    expect(secretOf).toHaveBeenCalledTimes(2)
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull()
    expect(workspace.get().running.size).toBe(1)
  })
})

describe("a name of a conversation", () => {
  it("is not saved by the Enter that ends a composition", () => {
    workspace.change(id, (one) => ({ ...one, title: "Old", lanes: one.lanes.map((lane) => ({ ...lane, messages: [{ id: "a", role: "user", text: "Hello" }] })) }))
    show(<Kept workspace={workspace} state={workspace.get()} current={undefined} onOpen={nothing} />)
    fireEvent.click(screen.getByRole("button", { name: /^Rename/ }))
    const name = screen.getByRole("textbox")
    fireEvent.change(name, { target: { value: "にほん" } })
    fireEvent.keyDown(name, { key: "Enter", isComposing: true })
    expect(workspace.get().all[id]?.title).toBe("Old")
    fireEvent.keyDown(name, { key: "Enter" })
    expect(workspace.get().all[id]?.title).toBe("にほん")
  })
})
