import { MantineProvider } from "@mantine/core"
import { cleanup, render, screen } from "@testing-library/react"
import type { Options } from "uplot"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { initLanguage } from "@/lib/i18n"
import Chart from "./chart"

const drawn = vi.hoisted(() => vi.fn())
vi.mock("uplot", () => ({
  default: class {
    constructor(options: Options) {
      drawn(options)
    }
    destroy() {}
  },
}))
vi.mock("@mantine/hooks", async (original) => ({ ...(await original<object>()), useElementSize: () => ({ ref: () => {}, width: 600 }) }))
vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }))

const HOUR_S = 3600
const NOON = new Date(2026, 0, 1, 12).getTime() / 1000
const rows = () => screen.getAllByRole("rowheader", { hidden: true }).map((one) => one.textContent)

function show(step: number): Options {
  const times = [NOON, NOON + step, NOON + 2 * step]
  render(
    <MantineProvider env="test">
      <Chart label="Spend" times={times} series={[{ name: "a", values: [1, 2, 3] }]} format={String} />
    </MantineProvider>,
  )
  return drawn.mock.lastCall?.[0] as Options
}

beforeEach(() => initLanguage("zh"))
afterEach(cleanup)

describe("a chart", () => {
  it("tells time in the reader's language", () => {
    const { axes, series } = show(HOUR_S)
    const [hours, value] = [axes?.[0]?.values, series[0]?.value] as [(...given: unknown[]) => string[], (...given: unknown[]) => string]
    expect(hours(null, [NOON, NOON + HOUR_S], 0, 50, HOUR_S)).toEqual(["12:00\n1月1日", "13:00"])
    expect([series[0]?.label, value(null, NOON), value(null, null)]).toEqual(["时间", "2026年1月1日 12:00:00", ""])
  })
  it("names hours as such, so that no two rows are alike", () => {
    show(HOUR_S)
    expect(rows()).toEqual(["2026年1月1日 12:00:00", "2026年1月1日 13:00:00", "2026年1月1日 14:00:00"])
  })
  it("names days by their date, also where clocks are put forward", () => {
    show(23 * HOUR_S)
    expect(rows()).toEqual(["2026年1月1日", "2026年1月2日", "2026年1月3日"])
  })
})
