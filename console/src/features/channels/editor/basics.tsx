/** Basics: which provider, and how the channel is known. */
import { Select, Textarea, TextInput } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useProviders } from "../api"
import type { Draft, Faults } from "./draft"
import { Section, useFault, type SectionProps } from "./section"

export function checkBasics(draft: Draft): Faults {
  return draft.name.trim() ? {} : { name: "error.name" }
}

export function Basics({ draft, set, faults, channel, lackSensitive, lack }: SectionProps & { lack: string }) {
  const { t } = useTranslation("channels")
  const fault = useFault(faults)
  const providers = useProviders().data ?? []
  const known = providers.some(({ type }) => type === draft.type)
  const data = providers.map(({ type, name }) => ({ value: String(type), label: name }))
  return (
    <Section title={t("section.basics")} lack={lack}>
      {channel && (
        <Select
          label={t("field.provider")}
          data={known ? data : [...data, { value: String(draft.type), label: t("provider.unknown", { type: draft.type }) }]}
          value={String(draft.type)}
          searchable
          allowDeselect={false}
          disabled={Boolean(lackSensitive)}
          onChange={(value) => value && set({ type: Number(value) })}
        />
      )}
      <TextInput label={t("field.name")} value={draft.name} error={fault("name")} maxLength={191} onChange={(event) => set({ name: event.currentTarget.value })} />
      <TextInput label={t("field.tag")} description={t("help.tag")} value={draft.tag} maxLength={191} onChange={(event) => set({ tag: event.currentTarget.value })} />
      <Textarea label={t("field.remark")} description={t("help.remark")} value={draft.remark} maxLength={255} rows={1} onChange={(event) => set({ remark: event.currentTarget.value })} />
    </Section>
  )
}
