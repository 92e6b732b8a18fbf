import { describe, expect, it } from "vitest"
import { EventCutter } from "./sse"

const bytes = (text: string) => new TextEncoder().encode(text)

function cut(source: Uint8Array, sizes: number[]) {
  const cutter = new EventCutter()
  const events = []
  for (let at = 0, turn = 0; at < source.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    events.push(...cutter.feed(source.slice(at, at + size)))
    at += size
  }
  return [...events, ...cutter.end()]
}

describe("events out of chunks", () => {
  const source = bytes('event: ping\r\ndata: {"a":"é🌍"}\r\n\r\n: a comment\n\ndata:one\ndata: two\n\nid: 7\rdata: three\r\rdata: last')
  const whole = [
    { name: "ping", data: '{"a":"é🌍"}' },
    { name: "", data: "one\ntwo" },
    { name: "", data: "three" },
    { name: "", data: "last" },
  ]
  it("reads names, several lines, every line end, and an event without an end", () => expect(cut(source, [source.length])).toEqual(whole))
  it("is the same wherever the bytes are cut", () => {
    for (let first = 1; first < source.length; first += 1) expect(cut(source, [first, source.length])).toEqual(whole)
    for (const size of [1, 2, 3, 5, 7]) expect(cut(source, [size])).toEqual(whole)
  })
  it("has nothing of nothing", () => expect(cut(bytes(": only a comment\n\n"), [4])).toEqual([]))
})
