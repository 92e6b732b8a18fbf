/** The conversations at work: kept, changed, answered. Outlives the page, so that an answer goes on while one looks elsewhere. */
import { useEffect, useSyncExternalStore } from "react"
import { session } from "@/lib/session"
import { contentOf } from "./answer"
import { chargeOf } from "./api"
import { messagesOf, newConversation, newId, titleOf, withLane, withLanes, withMessage, without } from "./conversation"
import { less } from "./json"
import { prepared, sendable } from "./request"
import { send, type Exchange } from "./send"
import { dropConversation, keepConversation, listConversations } from "./storage"
import type { Conversation, Facts, Lane, Message, Parameters } from "./types"

const SHOWN_EVERY_MS = 50
/** Each holds a whole request with its images, and every event. */
const EXCHANGES = 20

export interface State {
  /** False until this browser's conversations are read. */
  ready: boolean
  /** Why they cannot be read or kept. */
  failure: unknown
  all: Record<string, Conversation>
  /** By the id of the answer: the latest ones, for as long as their message is there and the page is not reloaded. */
  exchanges: Record<string, Exchange>
  /** Answers under way. */
  running: ReadonlySet<string>
}

/** The message as the exchange leaves it. */
function answered(exchange: Exchange, lane: Lane): Partial<Message> {
  const { answer, requestId, firstMs, totalMs, fault, stopped } = exchange
  const facts: Facts = { requestId, model: lane.model, firstMs, totalMs, usage: answer.usage, stop: answer.stop }
  return { ...contentOf(answer, lane.dialect), facts, fault, stopped }
}

/** The messages that a change took away. */
function gone(before: Conversation, after: Conversation): Message[] {
  const left = new Set(messagesOf(after).map(({ id }) => id))
  return messagesOf(before).filter(({ id }) => !left.has(id))
}

/** With the exchange of a message as the latest one, and no more of them than are kept. */
function withExchange(exchanges: Record<string, Exchange>, messageId: string, exchange: Exchange): Record<string, Exchange> {
  return Object.fromEntries([...Object.entries(less(exchanges, messageId)), [messageId, exchange] as const].slice(-EXCHANGES))
}

export class Workspace {
  private state: State = { ready: false, failure: null, all: {}, exchanges: {}, running: new Set() }
  private readonly listeners = new Set<() => void>()
  private readonly controllers = new Map<string, AbortController>()

  constructor(readonly owner: number) {
    void this.load()
  }

  readonly get = (): State => this.state
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  create(lane: Pick<Lane, "dialect" | "model">, parameters?: Parameters): Conversation {
    const conversation = newConversation(this.owner, lane, parameters)
    this.hold(conversation)
    return conversation
  }

  /** Adds read conversations, and keeps them; false when they could not be kept. */
  adopt(conversations: Conversation[]): Promise<boolean> {
    for (const conversation of conversations) this.hold(conversation)
    return this.stored(Promise.all(conversations.map(keepConversation)))
  }

  /** Changes a conversation, and keeps it once something was said in it. An answer whose message goes is stopped. */
  change(id: string, change: (conversation: Conversation) => Conversation): void {
    const before = this.state.all[id]
    if (!before) return
    const changed = { ...change(before), updatedAt: Date.now() }
    const said = changed.lanes[0]?.messages.find(({ role }) => role === "user")?.text ?? ""
    const after = { ...changed, title: changed.title || titleOf(said) }
    this.hold(after)
    this.forget(gone(before, after))
    if (messagesOf(after).length) void this.stored(keepConversation(after))
  }

  /** Out of the state before out of storage: what a stopped answer still writes must not keep it again. */
  async remove(id: string): Promise<void> {
    const removed = this.state.all[id]
    if (!removed) return
    this.set({ all: less(this.state.all, id) })
    this.forget(messagesOf(removed))
    await this.stored(dropConversation(id))
  }

  /**
   * Lets the model of a lane answer. `shown`: the request as the person edited it. Settles with the answer.
   * The answer is under way before its key is there, so that nobody asks for it twice; without a key it is taken back.
   */
  async answer(id: string, index: number, key: () => Promise<string>, shown?: string): Promise<void> {
    const conversation = this.state.all[id]
    const lane = conversation?.lanes[index]
    if (!conversation || !lane) return
    const request = prepared(lane, conversation.parameters)
    const body = sendable(lane, shown ?? request.shown)
    const message: Message = { id: newId(), role: "assistant", text: "", facts: { requestId: "", model: lane.model } }
    this.change(id, (one) => withLane(one, index, (now) => ({ ...now, messages: [...now.messages, message] })))
    const show = this.shower(id, message.id, lane)
    const exchange = await this.underWay(id, message.id, async (signal) => {
      const ended = await send({ dialect: lane.dialect, path: request.path, body, key: await key() }, signal, show.later)
      show.now(ended)
      return ended
    })
    await this.charge(id, message.id, exchange)
  }

  stop(messageId: string): void {
    this.controllers.get(messageId)?.abort()
  }

  stopAll(): void {
    for (const controller of this.controllers.values()) controller.abort()
  }

  /** The answer counts as running, and can be stopped, until `call` has settled; its message goes when there was no call. */
  private async underWay(id: string, messageId: string, call: (signal: AbortSignal) => Promise<Exchange>): Promise<Exchange> {
    const controller = new AbortController()
    this.controllers.set(messageId, controller)
    this.set({ running: new Set([...this.state.running, messageId]) })
    try {
      return await call(controller.signal)
    } catch (reason) {
      this.change(id, (one) => withLanes(one, (lane) => without(lane, messageId)))
      throw reason
    } finally {
      this.controllers.delete(messageId)
      this.set({ running: new Set([...this.state.running].filter((one) => one !== messageId)) })
    }
  }

  /** Stops the answers of messages that are no more, and frees what was sent for them. */
  private forget(messages: Message[]): void {
    if (!messages.length) return
    for (const { id } of messages) this.stop(id)
    this.set({ exchanges: messages.reduce((left, { id }) => less(left, id), this.state.exchanges) })
  }

  private messageIn(id: string, messageId: string): Message | undefined {
    const conversation = this.state.all[id]
    return conversation && messagesOf(conversation).find((message) => message.id === messageId)
  }

  /** Writes an exchange into its message, for as long as that is there; while it streams not more often than one can see. */
  private shower(id: string, messageId: string, lane: Lane) {
    let latest: Exchange | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const write = (exchange: Exchange) => {
      const conversation = this.state.all[id]
      if (!conversation || !this.messageIn(id, messageId)) return
      this.set({ exchanges: withExchange(this.state.exchanges, messageId, exchange) })
      this.hold(withLanes(conversation, (now) => withMessage(now, messageId, answered(exchange, lane))))
    }
    return {
      later: (exchange: Exchange) => {
        latest = exchange
        timer ??= setTimeout(() => {
          timer = undefined
          if (latest) write(latest)
        }, SHOWN_EVERY_MS)
      },
      now: (exchange: Exchange) => {
        clearTimeout(timer)
        write(exchange)
        this.change(id, (one) => one)
      },
    }
  }

  private async charge(id: string, messageId: string, exchange: Exchange): Promise<void> {
    if (!exchange.requestId || exchange.status !== 200) return
    const charge = await chargeOf(exchange.requestId)
    const facts = this.messageIn(id, messageId)?.facts
    if (charge !== undefined && facts) this.change(id, (one) => withLanes(one, (lane) => withMessage(lane, messageId, { facts: { ...facts, charge } })))
  }

  private async load(): Promise<void> {
    try {
      const kept = await listConversations(this.owner)
      this.set({ ready: true, all: { ...Object.fromEntries(kept.map((one) => [one.id, one])), ...this.state.all } })
    } catch (failure) {
      this.set({ ready: true, failure })
    }
  }

  /** False when storage refuses, which `failure` then tells. */
  private async stored(work: Promise<unknown>): Promise<boolean> {
    try {
      await work
      return true
    } catch (failure) {
      this.set({ failure })
      return false
    }
  }

  private hold(conversation: Conversation): void {
    this.set({ all: { ...this.state.all, [conversation.id]: conversation } })
  }

  private set(change: Partial<State>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.listeners) listener()
  }
}

let present: Workspace | null = null
session.subscribe(() => {
  if (session.user) return
  present?.stopAll()
  present = null
})

function workspaceOf(owner: number): Workspace {
  if (present?.owner !== owner) {
    present?.stopAll()
    present = new Workspace(owner)
  }
  return present
}

export function useWorkspace(owner: number): [Workspace, State] {
  const workspace = workspaceOf(owner)
  const state = useSyncExternalStore(workspace.subscribe, workspace.get, workspace.get)
  const busy = state.running.size > 0
  useEffect(() => {
    if (!busy) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener("beforeunload", warn)
    return () => removeEventListener("beforeunload", warn)
  }, [busy])
  return [workspace, state]
}
