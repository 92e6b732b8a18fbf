/** Network: the way to the provider. */
import { TextInput } from "@mantine/core"
import { useTranslation } from "react-i18next"
import classes from "../channels.module.css"
import type { Draft, Faults } from "./draft"
import { Section, useFault, type SectionProps } from "./section"

const PROXY = /^(https?|socks5h?):\/\/\S+$/

export function checkNetwork(draft: Draft): Faults {
  return draft.proxy.trim() && !PROXY.test(draft.proxy.trim()) ? { proxy: "error.proxy" } : {}
}

export function Network({ draft, set, faults, lackSensitive }: SectionProps) {
  const { t } = useTranslation("channels")
  const fault = useFault(faults)
  return (
    <Section title={t("section.network")} lack={lackSensitive}>
      <TextInput className={classes.full} label={t("field.proxy")} description={t("help.proxy")} value={draft.proxy} error={fault("proxy")} spellCheck={false} onChange={(event) => set({ proxy: event.currentTarget.value })} />
    </Section>
  )
}
