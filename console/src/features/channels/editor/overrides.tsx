/** Overrides: what is changed in requests and answers on their way. */
import { Switch, Textarea } from "@mantine/core"
import { useTranslation } from "react-i18next"
import classes from "../channels.module.css"
import { isObject, type Draft, type Faults } from "./draft"
import { Pairs } from "./pairs"
import { Section, useFault, type SectionProps } from "./section"

const SWITCHES = ["passThrough", "serviceTier", "inferenceGeo", "speed", "safetyIdentifier", "obfuscation", "noStore"] as const

export function checkOverrides(draft: Draft): Faults {
  const faults: Faults = {}
  for (const field of ["paramOverride", "headerOverride"] as const) if (draft[field].trim() && !isObject(draft[field])) faults[field] = "error.object"
  return faults
}

export function Overrides({ draft, set, faults, lackSensitive }: SectionProps) {
  const { t } = useTranslation("channels")
  const fault = useFault(faults)
  return (
    <Section title={t("section.overrides")} lack={lackSensitive}>
      <Pairs className={classes.full} label={t("field.headerOverride")} help={t("help.headerOverride")} from={t("headers.from")} to={t("headers.to")} json={draft.headerOverride} fault={fault("headerOverride")} set={(headerOverride) => set({ headerOverride })} />
      <Textarea
        className={classes.full}
        label={t("field.paramOverride")}
        description={t("help.paramOverride")}
        value={draft.paramOverride}
        error={fault("paramOverride")}
        rows={3}
        autosize
        maxRows={20}
        spellCheck={false}
        classNames={{ input: "mono" }}
        onChange={(event) => set({ paramOverride: event.currentTarget.value })}
      />
      {SWITCHES.map((field) => (
        <Switch key={field} label={t(`field.${field}`)} description={t(`help.${field}`)} checked={draft[field]} onChange={(event) => set({ [field]: event.currentTarget.checked })} />
      ))}
    </Section>
  )
}
