import { describe, expect, it } from "vitest"
import { isAnother } from "./places"

const at = (pathname: string, search: object = {}) => ({ pathname, search })

describe("another form", () => {
  it("is at another path, or of another provider", () => {
    expect(isAnother(at("/channels/7"), at("/channels"))).toBe(true)
    expect(isAnother(at("/channels/new", { type: 1 }), at("/channels/new"))).toBe(true)
    expect(isAnother(at("/channels/new", { type: 1 }), at("/channels/new", { type: 14 }))).toBe(true)
  })
  it("is not another part of the same page", () => expect(isAnother(at("/channels/7"), at("/channels/7", { tab: "keys", page: 2 }))).toBe(false))
})
