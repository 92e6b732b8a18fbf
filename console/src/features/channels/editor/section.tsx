/** What every section of the editor is given, and its frame. */
import { useTranslation } from "react-i18next"
import { Panel } from "@/components/ui/panel"
import type { ReactNode } from "react"
import type { Channel, Provider } from "../api"
import classes from "../channels.module.css"
import type { Draft, Faults, Field } from "./draft"

export interface SectionProps {
  draft: Draft
  set: (change: Partial<Draft>) => void
  faults: Faults
  provider: Provider | undefined
  /** The channel being edited; none while one is made. */
  channel?: Channel
  /** Why what points elsewhere may not be changed; empty when it may. */
  lackSensitive: string
}

/** The sentence of a field's fault, if it has one. */
export function useFault(faults: Faults): (field: Field) => string | undefined {
  const { t } = useTranslation("channels")
  return (field) => (faults[field] ? t(faults[field]) : undefined)
}

/** A section; one that may not be changed keeps its fields, off, and says why. */
export function Section({ title, lack, action, children }: { title: string; lack: string; action?: ReactNode; children: ReactNode }) {
  return (
    <Panel title={title} action={action}>
      {lack && (
        <p className="dim" style={{ margin: "0 0 12px" }}>
          {lack}
        </p>
      )}
      <fieldset className={classes.section} disabled={Boolean(lack)} aria-label={title}>
        <div className={classes.fields}>{children}</div>
      </fieldset>
    </Panel>
  )
}
