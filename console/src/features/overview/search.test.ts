import { describe, expect, it } from "vitest"
import { offered, readSearch } from "./search"

describe("the address", () => {
  it("keeps choices", () => expect(readSearch({ range: "7d", measure: "tokens", dimension: "key" })).toEqual({ range: "7d", measure: "tokens", dimension: "key" }))
  it("leaves out defaults and nonsense", () => expect(readSearch({ range: "24h", measure: "charge", dimension: "planet" })).toEqual({}))
})

describe("dimensions", () => {
  it("keep users and channels to administrators", () => {
    expect(offered("user", "24h", false)).toBe(false)
    expect(offered("user", "24h", true)).toBe(true)
  })
  it("sum groups for a week at most", () => expect(offered("group", "30d", true)).toBe(false))
})
