import { describe, expect, it } from "vitest"
import type { Field } from "./api"
import { faultOf, found, isLong, pretty, textOf, unsaved, withDraft } from "./drafts"

const field = (more: Partial<Field> = {}): Field => ({ key: "K", title: "The title", kind: "text", value: "now", default: "", is_stored: true, choices: [], minimum: null, maximum: null, ...more })

describe("drafts", () => {
  it("shows the draft, the default after a reset, else the server's text", () => {
    expect(textOf(field(), {})).toBe("now")
    expect(textOf(field(), { K: "new" })).toBe("new")
    expect(textOf(field({ default: "d" }), { K: null })).toBe("d")
  })
  it("forgets a draft that changes nothing", () => {
    expect(withDraft({ K: "x" }, field(), "now")).toEqual({})
    expect(withDraft({}, field({ is_stored: false }), null)).toEqual({})
    expect(withDraft({ A: "1" }, field(), "x")).toEqual({ A: "1", K: "x" })
  })
  it("keeps a secret that is typed", () => expect(withDraft({}, field({ kind: "secret", value: "" }), "s")).toEqual({ K: "s" }))
  it("keeps what is typed while they are being saved", () => {
    expect(unsaved({ A: "1", B: "2 and more", C: null, D: "typed since" }, { A: "1", B: "2", C: null })).toEqual({ B: "2 and more", D: "typed since" })
    expect(withDraft({ K: "sent" }, field(), "now", { K: "sent" })).toEqual({ K: "now" })
  })
})

describe("a long text", () => {
  it("is one that is stored or the default", () => {
    expect([isLong(field()), isLong(field({ value: "x".repeat(61) })), isLong(field({ default: "two\nlines" })), isLong(field({ kind: "prose" }))]).toEqual([false, true, true, true])
  })
})

describe("faults", () => {
  it("wants numbers within their bounds", () => {
    const number = field({ kind: "number", minimum: 0, maximum: 10 })
    expect([faultOf(number, "3"), faultOf(number, "-1"), faultOf(number, "11"), faultOf(number, "x"), faultOf(number, "")]).toEqual(["", "low", "high", "number", "number"])
  })
  it("wants JSON to be JSON", () => {
    expect([faultOf(field({ kind: "json" }), "{}"), faultOf(field({ kind: "json" }), "{")]).toEqual(["", "json"])
  })
})

describe("search", () => {
  const sections = [{ name: "Site", title: "Site", help: "", fields: [field(), field({ key: "Footer", title: "Footer text" })] }]
  const search = (words: string) => found(sections, words, (one) => one.title, (one) => one.title).flatMap(({ fields }) => fields.map(({ key }) => key))
  it("looks at titles, keys and sections, every word", () => {
    expect(search("footer")).toEqual(["Footer"])
    expect(search("site title")).toEqual(["K"])
    expect(search("nothing")).toEqual([])
    expect(search("")).toEqual(["K", "Footer"])
  })
})

describe("pretty", () => {
  it("spreads JSON and leaves the rest", () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(pretty("{")).toBe("{")
  })
})
