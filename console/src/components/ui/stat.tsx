/** One figure with its name, and how it differs from before. */
import { Text } from "@mantine/core"
import type { ReactNode } from "react"
import classes from "./ui.module.css"

export function Stat({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className={classes.stat}>
      <Text size="xs" className="dim">
        {label}
      </Text>
      <div className={classes.figure}>{value}</div>
      {note && (
        <Text size="xs" className="dim" component="div">
          {note}
        </Text>
      )}
    </div>
  )
}
