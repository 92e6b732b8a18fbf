/** Series over time by uPlot, drawn when it is needed; the same figures as a table for those who do not see it. */
import "uplot/dist/uPlot.min.css"
import { useComputedColorScheme, VisuallyHidden } from "@mantine/core"
import { useElementSize } from "@mantine/hooks"
import { useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import uPlot from "uplot"
import { ticks } from "@/lib/format"
import { hueOf } from "./hues"
import { namer } from "./times"

export interface Series {
  name: string
  values: (number | null)[]
}

interface Props {
  label: string
  /** Unix seconds, ascending. */
  times: number[]
  series: Series[]
  format: (value: number) => string
  height?: number
  bars?: boolean
}

const FEW_LINES = 400

function axisColors(dark: boolean) {
  return dark ? { stroke: "#b3bac4", grid: "#2c3138" } : { stroke: "#4d5560", grid: "#e3e6ea" }
}

export default function Chart({ label, times, series, format, height = 220, bars = false }: Props) {
  const { ref, width } = useElementSize()
  const host = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme("light")
  const { t } = useTranslation()
  const nameOf = namer(times)
  useEffect(() => {
    if (!host.current || width === 0) return
    const { stroke, grid } = axisColors(scheme === "dark")
    const axis = { stroke, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: "12px system-ui" }
    const plot = new uPlot(
      {
        width,
        height,
        legend: { show: series.length > 1, live: true },
        cursor: { points: { size: 6 } },
        scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
        axes: [
          { ...axis, values: (_plot, splits, _axis, _space, step) => ticks(splits, step) },
          { ...axis, size: 64, values: (_plot, splits) => splits.map(format) },
        ],
        series: [
          { label: t("label.time"), value: (_plot: uPlot, at: number | null) => (at === null ? "" : nameOf(at)) },
          ...series.map(({ name }) => ({
            label: name,
            stroke: hueOf(name, scheme),
            width: 1.5,
            fill: bars || series.length === 1 ? `${hueOf(name, scheme)}33` : undefined,
            paths: bars ? uPlot.paths.bars?.({ size: [0.7, 40] }) : undefined,
            points: { show: times.length < 3 },
            value: (_plot: uPlot, value: number | null) => (value === null ? "" : format(value)),
          })),
        ],
      },
      [times, ...series.map(({ values }) => values)] as uPlot.AlignedData,
      host.current,
    )
    return () => plot.destroy()
  }, [width, height, times, series, scheme, format, bars, nameOf, t])
  return (
    <div ref={ref}>
      <div ref={host} aria-hidden="true" />
      {times.length <= FEW_LINES && (
        <VisuallyHidden>
          <table>
            <caption>{label}</caption>
            <tbody>
              {times.map((time, row) => (
                <tr key={time}>
                  <th scope="row">{nameOf(time)}</th>
                  {series.map(({ name, values }) => (
                    <td key={name}>{`${name}: ${format(values[row] ?? 0)}`}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </VisuallyHidden>
      )}
    </div>
  )
}
