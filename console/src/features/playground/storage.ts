/** Where conversations are kept: a database of this browser, apart for each account. */
import type { Conversation } from "./types"

const NAME = "faregate.playground"
const STORE = "conversations"

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error(NAME))
  })
}

let opened: Promise<IDBDatabase> | null = null

function database(): Promise<IDBDatabase> {
  if (!opened) {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" }).createIndex("owner", "owner")
    opened = settled(request)
  }
  return opened
}

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  return (await database()).transaction(STORE, mode).objectStore(STORE)
}

/** The conversations of an account, the latest first. */
export async function listConversations(owner: number): Promise<Conversation[]> {
  const found: Conversation[] = await settled((await store("readonly")).index("owner").getAll(owner))
  return found.sort((one, other) => other.updatedAt - one.updatedAt)
}

export async function keepConversation(conversation: Conversation): Promise<void> {
  await settled((await store("readwrite")).put(conversation))
}

export async function dropConversation(id: string): Promise<void> {
  await settled((await store("readwrite")).delete(id))
}
