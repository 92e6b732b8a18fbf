/** A status in a word with an icon; never colour alone. */
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX } from "@tabler/icons-react"
import type { ReactNode } from "react"
import classes from "./ui.module.css"

export type Tone = "ok" | "warn" | "bad" | "off"

const ICONS = { ok: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX, off: IconCircleDashed }

export function StatusPill({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Icon = ICONS[tone]
  return (
    <span className={`${classes.status} tone-${tone}`}>
      <Icon size={14} aria-hidden="true" />
      {children}
    </span>
  )
}
