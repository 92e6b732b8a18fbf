/** Routing: for whom, before or after which others, and whether it may go off by itself. */
import { Select, Switch, TagsInput, TextInput } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useGroups } from "../api"
import classes from "../channels.module.css"
import { isObject, object, type Draft, type Faults } from "./draft"
import { Pairs } from "./pairs"
import { Section, useFault, type SectionProps } from "./section"

const LOWEST_TARGET = 300
const isStatus = (text: unknown) => /^[1-5]\d\d$/.test(String(text))

export function checkRouting(draft: Draft): Faults {
  const faults: Faults = {}
  if (draft.groups.length === 0) faults.groups = "error.groups"
  if (!/^-?\d+$/.test(draft.priority.trim())) faults.priority = "error.whole"
  if (!/^\d+$/.test(draft.weight.trim())) faults.weight = "error.wholePositive"
  const statuses = Object.entries(object(draft.statusMapping))
  if (draft.statusMapping.trim() && !isObject(draft.statusMapping)) faults.statusMapping = "error.object"
  else if (statuses.some(([from, to]) => !isStatus(from) || !isStatus(to) || Number(to) < LOWEST_TARGET)) faults.statusMapping = "error.statuses"
  return faults
}

export function Routing({ draft, set, faults, lack }: SectionProps & { lack: string }) {
  const { t } = useTranslation("channels")
  const fault = useFault(faults)
  const groups = useGroups().data ?? []
  const figure = (field: "priority" | "weight") => (
    <TextInput label={t(`field.${field}`)} description={t(`help.${field}`)} inputMode="numeric" value={draft[field]} error={fault(field)} onChange={(event) => set({ [field]: event.currentTarget.value })} />
  )
  const models = draft.testModel && !draft.models.includes(draft.testModel) ? [draft.testModel, ...draft.models] : draft.models
  return (
    <Section title={t("section.routing")} lack={lack}>
      <TagsInput label={t("field.groups")} description={t("help.groups")} data={groups} value={draft.groups} error={fault("groups")} onChange={(value) => set({ groups: value })} />
      {figure("priority")}
      {figure("weight")}
      <Select label={t("field.testModel")} description={t("help.testModel")} placeholder={draft.models[0]} data={models} value={draft.testModel || null} searchable clearable clearButtonProps={{ "aria-label": t("models.clear") }} limit={50} onChange={(value) => set({ testModel: value ?? "" })} />
      <Switch label={t("field.autoBan")} description={t("help.autoBan")} checked={draft.autoBan} onChange={(event) => set({ autoBan: event.currentTarget.checked })} />
      <Pairs className={classes.full} label={t("field.statusMapping")} help={t("help.statusMapping")} from={t("statuses.from")} to={t("statuses.to")} json={draft.statusMapping} fault={fault("statusMapping")} numeric set={(statusMapping) => set({ statusMapping })} />
    </Section>
  )
}
