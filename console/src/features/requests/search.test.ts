import { describe, expect, it } from "vitest"
import { countMore, readSearch, refined } from "./search"

describe("the address", () => {
  it("keeps what makes sense", () =>
    expect(readSearch({ range: "7d", kind: "failed", model: "gpt-4o", before: "12.3", size: 100, open: "r1", key: 12 })).toEqual({
      range: "7d", kind: "failed", model: "gpt-4o", before: "12.3", size: 100, open: "r1", key: "12",
    }))
  it("drops the rest", () => expect(readSearch({ range: "9d", kind: "all", model: " ", before: "x", size: 7, since: -1, mine: "yes", stream: "maybe", more: 1 })).toEqual({}))
  it("starts anew when a filter changes", () => expect(refined({ before: "12.3", model: "a" }, { model: "b" })).toEqual({ model: "b" }))
  it("forgets a filter that is emptied", () => expect(refined({ model: "a", text: "x" }, { model: "" })).toEqual({ text: "x" }))
  it("counts the filters behind the button", () => expect(countMore({ model: "a", stream: "no", text: "b", since: 1, until: 2 })).toBe(3))
})
