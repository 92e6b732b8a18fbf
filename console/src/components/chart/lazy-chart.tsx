/** The chart, loaded when a page shows one. */
import { Skeleton } from "@mantine/core"
import { lazy, Suspense, type ComponentProps } from "react"

const Chart = lazy(() => import("./chart"))

export function LazyChart(props: ComponentProps<typeof Chart>) {
  return (
    <Suspense fallback={<Skeleton height={props.height ?? 220} animate={false} />}>
      <Chart {...props} />
    </Suspense>
  )
}
