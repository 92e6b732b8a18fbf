import { describe, expect, it } from "vitest"
import { ago, bytes, compact, duration, money, price, shortTime, ticks, usd } from "./format"
import { initLanguage } from "./i18n"

describe("money", () => {
  it("has cents from a dollar up", () => expect(usd(1234.5)).toBe("$1,234.50"))
  it("has enough figures below a dollar", () => {
    expect(usd(0.5)).toBe("$0.50")
    expect(usd(0.00123)).toBe("$0.0012")
    expect(usd(0.000002)).toBe("$0.000002")
  })
  it("is zero without a tail", () => expect(usd(0)).toBe("$0.00"))
  it("turns quota into dollars", () => expect(money(1_250_000)).toBe("$2.50"))
  it("shows a price exactly", () => {
    expect(price(6)).toBe("$6.00")
    expect(price(0.075)).toBe("$0.075")
  })
})

const local = (day: number, ...time: number[]) => new Date(2026, 0, day, ...time).getTime() / 1000

describe("sizes and times", () => {
  it("shortens large counts", () => {
    expect(compact(999)).toBe("999")
    expect(compact(12_400)).toBe("12.4K")
  })
  it("reads durations", () => {
    expect(duration(340)).toBe("340 ms")
    expect(duration(2104)).toBe("2.10 s")
    expect(duration(185_000)).toBe("3 m 05 s")
  })
  it("never reads sixty seconds, nor a thousand milliseconds", () => {
    expect([duration(119_600), duration(59_980), duration(999.7)]).toEqual(["2 m 00 s", "1 m 00 s", "1.00 s"])
  })
  it("begins a day at hour 0", () => expect(shortTime(local(2, 0, 5, 9))).toBe("Jan 02, 00:05:09"))
  it("reads bytes", () => expect(bytes(1536)).toBe("1.5 KiB"))
  it("says how long ago", () => {
    expect(ago(1000, 1000 + 7200)).toBe("2 hours ago")
    expect(ago(0, 5)).toBe("—")
  })
})

describe("the ticks of an axis", () => {
  it("are hours of 24, the day below where one begins", () => {
    const hours = [local(1, 14), local(1, 20), local(2, 2)]
    expect(ticks(hours, 21_600)).toEqual(["14:00\nJan 1", "20:00", "02:00\nJan 2"])
  })
  it("are days from a day's step up", () => expect(ticks([local(1), local(2)], 86_400)).toEqual(["Jan 1", "Jan 2"]))
  it("have seconds where they are close", () => expect(ticks([local(1, 0, 0, 30)], 30)).toEqual(["00:00:30\nJan 1"]))
  it("are written in the reader's language", async () => {
    await initLanguage("zh")
    expect(ticks([local(1, 14)], 3600)).toEqual(["14:00\n1月1日"])
    await initLanguage("en")
  })
})
