import { describe, expect, it } from "vitest"
import { changes, costOf, draftOf, effective, sent, tidy } from "./prices"

const free = { output_factor: 4, is_output_fixed: false }
const locked = { output_factor: 5, is_output_fixed: true }
const price = { input: 6, output: 24, cache_read: 0.6, cache_write: 7.5, image_in: 6, audio_in: 6, audio_out: 24 }

describe("a draft", () => {
  it("holds what has a price of its own", () => expect(draftOf(price, ["input", "output", "cache_read"])).toEqual({ input: 6, output: 24, cache_read: 0.6 }))
  it("is empty without a price", () => expect(draftOf(null, [])).toEqual({}))
  it("is completed by rule", () =>
    expect(effective({ input: 3, output: 10 }, "tokens", free)).toEqual({ input: 3, output: 10, cache_read: 3, cache_write: 3.75, image_in: 3, audio_in: 3, audio_out: 10 }))
  it("follows its family where output has no price", () => {
    expect(effective({ input: 3 }, "tokens", free)?.output).toBe(12)
    expect(sent({ input: 3 }, "tokens", free)).toEqual({ input: 3 })
  })
  it("obeys a family", () => {
    expect(effective({ input: 3, output: 10 }, "tokens", locked)?.output).toBe(15)
    expect(sent({ input: 3, output: 10 }, "tokens", locked)).toEqual({ input: 3 })
  })
  it("is no price before it has an input", () => {
    expect(effective({ output: 3 }, "tokens", free)).toBeNull()
    expect(effective({ input: 3 }, "call", free)).toBeNull()
    expect(effective({ per_call: 0.04 }, "call", free)).toEqual({ per_call: 0.04 })
  })
  it("is sent as one kind of price", () => {
    expect(sent({ input: 3, per_call: 1 }, "tokens", free)).toEqual({ input: 3 })
    expect(sent({ input: 3, per_call: 1 }, "call", free)).toEqual({ per_call: 1 })
  })
})

describe("changes", () => {
  it("tell what differs, and the main prices", () =>
    expect(changes(price, { ...price, input: 8 })).toEqual([
      { part: "input", before: 6, after: 8 },
      { part: "output", before: 24, after: 24 },
    ]))
  it("tell media only when they have a price of their own", () => {
    expect(changes(price, { ...price, audio_in: 9 })).toHaveLength(2)
    expect(changes(price, { ...price, audio_in: 9 }, ["audio_in"])[2]).toEqual({ part: "audio_in", before: 6, after: 9 })
  })
  it("tell a price per call that replaces tokens", () =>
    expect(changes({ input: 1, output: 2 }, { per_call: 0.5 })).toEqual([
      { part: "input", before: 1, after: null },
      { part: "output", before: 2, after: null },
      { part: "per_call", before: null, after: 0.5 },
    ]))
})

describe("a call", () => {
  it("pays for its tokens", () => expect(costOf(price, { input: 1000, cached: 0, output: 500 }, 1)).toBe(0.018))
  it("pays less for what is cached", () => expect(costOf(price, { input: 1000, cached: 900, output: 0 }, 1)).toBe(0.00114))
  it("cannot have more cached than sent", () => expect(costOf(price, { input: 100, cached: 900, output: 0 }, 1)).toBe(0.00006))
  it("is multiplied by its group", () => expect(costOf({ per_call: 0.04 }, { input: 0, cached: 0, output: 0 }, 0.5)).toBe(0.02))
})

it("has no tails", () => expect(tidy(0.1 + 0.2)).toBe(0.3))
