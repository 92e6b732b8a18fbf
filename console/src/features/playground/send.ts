/** One call to the gateway: sent, and read as it comes. */
import { begun, grown, NOTHING_YET, type Answer } from "./answer"
import { DIALECT } from "./dialects"
import { fields, parsed, text } from "./json"
import { EventCutter, type SseEvent } from "./sse"
import type { DialectName, Fault } from "./types"

export interface Call {
  dialect: DialectName
  path: string
  body: string
  key: string
}

export interface SeenEvent extends SseEvent {
  /** Milliseconds from sending. */
  at: number
}

/** A call as the inspector shows it. */
export interface Exchange {
  path: string
  sent: string
  status: number
  headers: [string, string][]
  requestId: string
  events: SeenEvent[]
  /** The whole answer where it was no stream. */
  body: string
  answer: Answer
  firstMs?: number
  totalMs?: number
  fault?: Fault
  stopped?: boolean
}

/** The words in an error body of any dialect; the body itself where there are none. */
export function faultText(body: string): string {
  const error = fields(parsed(body)).error
  return text(fields(error).message) || text(error) || text(fields(parsed(body)).message) || body.slice(0, 500)
}

/** State of one call; `exchange` is a new value after each change. */
class Reading {
  exchange: Exchange
  private readonly begun = performance.now()

  constructor(
    private readonly call: Call,
    private readonly changed: (exchange: Exchange) => void,
  ) {
    this.exchange = { path: call.path, sent: call.body, status: 0, headers: [], requestId: "", events: [], body: "", answer: NOTHING_YET }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { call } = this
    const headers = { "Content-Type": "application/json", ...DIALECT[call.dialect].headers(call.key) }
    const response = await fetch(call.path, { method: "POST", headers, body: call.body, signal })
    this.set({ status: response.status, headers: [...response.headers], requestId: response.headers.get("x-oneapi-request-id") ?? "" })
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false
    if (response.ok && isStream && response.body) return this.stream(response.body)
    const body = await response.text()
    this.set({ body })
    if (!response.ok) this.set({ fault: { text: faultText(body), status: response.status } })
    else this.step(DIALECT[call.dialect].parse(fields(parsed(body))))
  }

  end(change: Partial<Exchange>): void {
    this.set({ ...change, totalMs: this.elapsed() })
  }

  private async stream(body: ReadableStream<Uint8Array>): Promise<void> {
    const cutter = new EventCutter()
    const reader = body.getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read()) this.take(cutter.feed(next.value))
    this.take(cutter.end())
    const { fault, answer } = this.exchange
    if (!fault && answer.stop === undefined) this.set({ fault: { text: "", status: 0 } })
  }

  private take(events: SseEvent[]): void {
    if (!events.length) return
    const at = this.elapsed()
    this.exchange = { ...this.exchange, events: [...this.exchange.events, ...events.map((event) => ({ ...event, at }))] }
    for (const event of events) this.step(DIALECT[this.call.dialect].read(fields(parsed(event.data))))
  }

  private step(step: Parameters<typeof grown>[1]): void {
    const answer = grown(this.exchange.answer, step)
    const firstMs = this.exchange.firstMs ?? (begun(answer) ? this.elapsed() : undefined)
    this.set({ answer, firstMs, ...(answer.fault === undefined ? {} : { fault: { text: answer.fault, status: 0 } }) })
  }

  private set(change: Partial<Exchange>): void {
    this.exchange = { ...this.exchange, ...change }
    this.changed(this.exchange)
  }

  private elapsed(): number {
    return performance.now() - this.begun
  }
}

/** The exchange when it has ended, however it did. `changed` hears of every step; nothing is thrown. */
export async function send(call: Call, signal: AbortSignal, changed: (exchange: Exchange) => void): Promise<Exchange> {
  const reading = new Reading(call, changed)
  try {
    await reading.run(signal)
    reading.end({})
  } catch (reason) {
    if (signal.aborted) reading.end({ stopped: true })
    else reading.end({ fault: { text: reason instanceof Error ? reason.message : String(reason), status: 0 } })
  }
  return reading.exchange
}
