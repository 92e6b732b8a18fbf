/** Who is signed in: an access token in memory, renewed by an HttpOnly cookie, one renewal at a time across tabs. */
import { useSyncExternalStore } from "react"
import type { components } from "@/api/schema"

export type Self = components["schemas"]["SelfUser"]
type SignedIn = components["schemas"]["SignedIn"]

export const ROLE_ADMIN = 10
export const ROLE_ROOT = 100

const MARK = "faregate.signed-in"
const EARLY_S = 30

let user: Self | null = null
let bearer = ""
let expiresAt = 0
let renewal: Promise<boolean> | null = null
let left = false
const listeners = new Set<() => void>()

function tell(): void {
  for (const listener of listeners) listener()
}

const present = (): Self | null => user

function isFresh(): boolean {
  return bearer !== "" && Date.now() / 1000 < expiresAt - EARLY_S
}

/** The server could not be asked, or would not answer: whether somebody is signed in is not known. */
export class RenewalFailed extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message)
    this.name = "RenewalFailed"
  }
}

/** True when somebody is signed in. Throws RenewalFailed when that cannot be found out. */
async function renew(): Promise<boolean> {
  const answer = await fetch("/api/user/auth/refresh", { method: "POST" }).catch((reason: unknown) => {
    throw new RenewalFailed(String(reason), 0)
  })
  const body = (await answer.json().catch(() => ({}))) as { success?: boolean; message?: string; data?: SignedIn }
  if (body.success && body.data) {
    session.adopt(body.data)
    return true
  }
  if (answer.status !== 401) throw new RenewalFailed(body.message ?? "", answer.status)
  session.forget()
  return false
}

/** One tab after the other: each renewal replaces the cookie that all of them hold. */
async function inTurn(): Promise<boolean> {
  return navigator.locks ? await navigator.locks.request("faregate.renew", renew) : renew()
}

function renewOnce(): Promise<boolean> {
  if (renewal) return renewal
  renewal = inTurn().finally(() => {
    renewal = null
  })
  return renewal
}

export const session = {
  /** The signed-in user as last told by the server, or null. */
  get user(): Self | null {
    return user
  },
  /** True after signing out on purpose: there is nothing to come back to. */
  get left(): boolean {
    return left
  },
  /** Signs in with what a sign-in or a renewal answered. */
  adopt(given: SignedIn): void {
    bearer = given.access_token
    expiresAt = given.access_expires_at
    user = given.user
    left = false
    localStorage.setItem(MARK, "1")
    tell()
  },
  /** Newer facts about the same user. */
  update(given: Self): void {
    user = given
    tell()
  },
  /** Signed out, by the server or `onPurpose`: nothing is kept. */
  forget(onPurpose = false): void {
    left = onPurpose
    bearer = ""
    expiresAt = 0
    user = null
    localStorage.removeItem(MARK)
    tell()
  },
  /** True once the user is known. A visitor who never signed in here costs no request. Throws RenewalFailed. */
  async restore(): Promise<boolean> {
    if (user) return true
    return localStorage.getItem(MARK) !== null && renewOnce()
  },
  /** A token that is good for a while yet; empty when nobody is signed in. Throws RenewalFailed. */
  async token(): Promise<string> {
    if (!isFresh() && localStorage.getItem(MARK) !== null) await renewOnce()
    return bearer
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

/** The signed-in user inside the console, where there always is one. */
export function useSelf(): Self {
  const found = useVisitor()
  if (!found) throw new Error("nobody is signed in")
  return found
}

/** The signed-in user, or null on public pages. */
export function useVisitor(): Self | null {
  return useSyncExternalStore(session.subscribe, present, present)
}

export const isAdmin = (who: Self): boolean => who.role >= ROLE_ADMIN
export const isRoot = (who: Self): boolean => who.role >= ROLE_ROOT
