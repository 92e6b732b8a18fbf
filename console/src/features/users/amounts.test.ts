import { describe, expect, it } from "vitest"
import { balanceAfter, isChange, lastDays, monthOf, quotaOf } from "./amounts"

describe("a balance", () => {
  it("is added to, taken from, set", () => {
    expect(balanceAfter(100, "add", 30)).toBe(130)
    expect(balanceAfter(100, "subtract", 130)).toBe(-30)
    expect(balanceAfter(100, "set", 7)).toBe(7)
  })
  it("is a whole number of units", () => expect(quotaOf(1.234567, 500_000)).toBe(617_284))
  it("may be set to nothing, but not changed by it", () => {
    expect(isChange("set", 0)).toBe(true)
    expect(isChange("add", 0)).toBe(false)
    expect(isChange("set", undefined)).toBe(false)
  })
})

describe("a time", () => {
  it("is a calendar month", () => {
    const now = new Date(2026, 0, 15, 12)
    expect(monthOf("this", now)).toEqual({ since: new Date(2026, 0, 1).getTime() / 1000, until: new Date(2026, 1, 1).getTime() / 1000 })
    expect(monthOf("last", now).since).toBe(new Date(2025, 11, 1).getTime() / 1000)
  })
  it("is thirty days of whole hours", () => expect(lastDays(new Date(3_600_500))).toEqual({ since: 7200 - 2_592_000, until: 7200 }))
})
