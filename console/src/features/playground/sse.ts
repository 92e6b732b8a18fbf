/** Server-sent events out of chunks of bytes, wherever the chunks are cut. */

export interface SseEvent {
  /** Empty when the event was not named. */
  name: string
  data: string
}

const LINE_END = /\r\n|\n|\r/

/** State: the bytes of a character, the text of a line, and the fields of an event that are not complete yet. */
export class EventCutter {
  private readonly decoder = new TextDecoder()
  private pending = ""
  private name = ""
  private data: string[] = []

  /** The events that `chunk` completes. */
  feed(chunk: Uint8Array): SseEvent[] {
    return this.cut(this.decoder.decode(chunk, { stream: true }))
  }

  /** The event that the stream ended in, if it had one without a blank line behind it. */
  end(): SseEvent[] {
    return this.cut(`${this.decoder.decode()}\n\n`)
  }

  private cut(text: string): SseEvent[] {
    this.pending += text
    const events: SseEvent[] = []
    for (let end = LINE_END.exec(this.pending); end; end = LINE_END.exec(this.pending)) {
      // A carriage return at the very end may be the first half of a line end.
      if (end[0] === "\r" && end.index === this.pending.length - 1) break
      const event = this.line(this.pending.slice(0, end.index))
      this.pending = this.pending.slice(end.index + end[0].length)
      if (event) events.push(event)
    }
    return events
  }

  private line(line: string): SseEvent | undefined {
    if (line === "") return this.dispatch()
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === "event") this.name = value ?? ""
    if (field === "data") this.data.push(value ?? "")
    return undefined
  }

  private dispatch(): SseEvent | undefined {
    const event = this.data.length ? { name: this.name, data: this.data.join("\n") } : undefined
    this.name = ""
    this.data = []
    return event
  }
}
