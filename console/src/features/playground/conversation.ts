/** Conversations as values: made, changed, written down and read back. Nothing here waits or stores. */
import { fields, isFields, list, parsed, text } from "./json"
import { DIALECTS, ROLES, UNSET, type Conversation, type DialectName, type Lane, type Message, type Parameters, type ToolResult } from "./types"

const TITLE_LENGTH = 48
const FORMAT = "faregate.playground/1"

let made = 0

/** An id that no other conversation or message of this browser has; also where the page has no TLS. */
export function newId(): string {
  made += 1
  return `${Date.now().toString(36)}-${made.toString(36)}-${Math.random().toString(36).slice(2, 8)}`
}

export function newConversation(owner: number, lane: Pick<Lane, "dialect" | "model">, parameters: Parameters = UNSET): Conversation {
  const now = Date.now()
  return { id: newId(), owner, title: "", createdAt: now, updatedAt: now, parameters, lanes: [{ ...lane, messages: [] }] }
}

export function withLane(conversation: Conversation, index: number, change: (lane: Lane) => Lane): Conversation {
  const lane = conversation.lanes[index]
  return lane ? { ...conversation, lanes: conversation.lanes.with(index, change(lane)) } : conversation
}

/** The lane with a message changed; the same lane when it has no such message. */
export function withMessage(lane: Lane, id: string, change: Partial<Message>): Lane {
  if (!lane.messages.some((message) => message.id === id)) return lane
  return { ...lane, messages: lane.messages.map((message) => (message.id === id ? { ...message, ...change } : message)) }
}

/** The messages of all its lanes. */
export const messagesOf = ({ lanes }: Conversation): Message[] => lanes.flatMap(({ messages }) => messages)

/** Changes every lane: where a message is known by its id only, since its lane may have moved. */
export function withLanes(conversation: Conversation, change: (lane: Lane) => Lane): Conversation {
  return { ...conversation, lanes: conversation.lanes.map(change) }
}

/** The lane up to a message; `keep`: with it. */
export function upTo(lane: Lane, id: string, keep: boolean): Lane {
  const at = lane.messages.findIndex((message) => message.id === id)
  return at < 0 ? lane : { ...lane, messages: lane.messages.slice(0, keep ? at + 1 : at) }
}

/** The lane without a message, and without the results of its calls. */
export function without(lane: Lane, id: string): Lane {
  const at = lane.messages.findIndex((message) => message.id === id)
  const follows = lane.messages[at]?.calls?.length && lane.messages[at + 1]?.role === "tool" ? 2 : 1
  return at < 0 ? lane : { ...lane, messages: lane.messages.toSpliced(at, follows) }
}

/** A second side with the first one's messages under new ids. */
export function compared(conversation: Conversation, model: string): Conversation {
  const first = conversation.lanes[0]
  if (!first) return conversation
  const messages = first.messages.map((message) => ({ ...message, id: newId() }))
  return { ...conversation, lanes: [first, { ...first, model, messages }] }
}

/** What the first words of the person make of a title. */
export function titleOf(said: string): string {
  const line = said.trim().split("\n")[0] ?? ""
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH).trimEnd()}…` : line
}

/** True when the lane waits for an answer of the model. */
export function awaits({ messages }: Lane): boolean {
  const last = messages.at(-1)
  return last !== undefined && last.role !== "assistant"
}

/** The results for every call of an answer, in its order. */
export function resultsFor(message: Message, typed: Record<string, string>): ToolResult[] {
  return (message.calls ?? []).map(({ id, name }) => ({ callId: id, name, text: typed[id] ?? "" }))
}

/** Conversations as a file. */
export function exported(conversations: Conversation[]): string {
  return JSON.stringify({ format: FORMAT, conversations: conversations.map(({ title, createdAt, parameters, lanes }) => ({ title, createdAt, parameters, lanes })) }, null, 2)
}

function message(source: unknown): Message | null {
  if (!isFields(source) || ![...ROLES, "tool"].includes(text(source.role))) return null
  return { ...(source as unknown as Message), id: newId(), text: text(source.text) }
}

function lane(source: unknown): Lane | null {
  const { dialect, model, messages } = fields(source)
  if (!DIALECTS.includes(dialect as DialectName) || !Array.isArray(messages)) return null
  const read = messages.map(message)
  return read.every((one) => one !== null) ? { dialect: dialect as DialectName, model: text(model), messages: read } : null
}

function conversation(source: unknown, owner: number): Conversation | null {
  const { title, createdAt, parameters, lanes } = fields(source)
  const read = list(lanes).map(lane)
  if (read.length < 1 || read.length > 2 || !read.every((one) => one !== null)) return null
  const now = Date.now()
  return { id: newId(), owner, title: text(title), createdAt: typeof createdAt === "number" ? createdAt : now, updatedAt: now, parameters: { ...UNSET, ...fields(parameters) }, lanes: read }
}

/** The conversations of a file, as new ones of `owner`; null when the file is none of ours. */
export function imported(source: string, owner: number): Conversation[] | null {
  const file = fields(parsed(source))
  if (file.format !== FORMAT || !Array.isArray(file.conversations)) return null
  const read = file.conversations.map((one) => conversation(one, owner))
  return read.every((one) => one !== null) ? read : null
}
