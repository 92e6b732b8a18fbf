/** Credentials: where the provider is, and what is presented there. */
import { Button, Group, SegmentedControl, Switch, Textarea, TextInput } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { StatusPill } from "@/components/ui/status-pill"
import type { Provider } from "../api"
import classes from "../channels.module.css"
import { isObject, type Draft, type Faults } from "./draft"
import { Section, useFault, type SectionProps } from "./section"
import type { Verification } from "./verify"

const ADDRESS = /^https?:\/\/[^\s]+$/

export function checkCredentials(draft: Draft, provider: Provider | undefined, isNew: boolean): Faults {
  const faults: Faults = {}
  const address = draft.baseUrl.trim()
  if (!address && (provider?.address === "required" || provider?.address === "whole")) faults.baseUrl = "error.address"
  if (address && address.includes("//") && !ADDRESS.test(address)) faults.baseUrl = "error.addressForm"
  if (isNew && provider?.needs_key !== false && !draft.keys.trim()) faults.keys = "error.key"
  if (provider?.fields.includes("routes") && draft.routes.trim() && !isObject(draft.routes)) faults.routes = "error.object"
  return faults
}

export function Credentials({ draft, set, faults, provider, channel, lackSensitive, verification }: SectionProps & { verification: Verification }) {
  const { t } = useTranslation("channels")
  const fault = useFault(faults)
  const has = (field: Provider["fields"][number]) => provider?.fields.includes(field)
  const isMulti = channel ? channel.channel_info.is_multi_key : draft.keyMode !== "single"
  const segments = <Value extends string>(label: string, value: Value, values: Value[], on: (value: Value) => void) => (
    <SegmentedControl<Value> size="xs" aria-label={label} value={value} data={values.map((one) => ({ value: one, label: t(`keys.${one}`) }))} onChange={on} />
  )
  return (
    <Section title={t("section.credentials")} lack={lackSensitive}>
      {provider?.address !== "none" && (
        <TextInput
          label={t("field.baseUrl")}
          description={t(provider?.address === "whole" ? "help.addressWhole" : provider?.address === "optional" ? "help.addressOptional" : "help.address")}
          placeholder={provider?.base_url || t("help.addressExample")}
          value={draft.baseUrl}
          error={fault("baseUrl") ?? (/\/v1\/?$/.test(draft.baseUrl) && provider?.address !== "whole" ? t("error.addressVersion") : undefined)}
          maxLength={1024}
          spellCheck={false}
          onChange={(event) => set({ baseUrl: event.currentTarget.value })}
        />
      )}
      {has("organization") && <TextInput label={t("field.organization")} description={t("help.organization")} value={draft.organization} maxLength={191} onChange={(event) => set({ organization: event.currentTarget.value })} />}
      {has("api_version") && <TextInput label={t("field.apiVersion")} description={t("help.apiVersion")} value={draft.apiVersion} onChange={(event) => set({ apiVersion: event.currentTarget.value })} />}
      {has("responses_version") && (
        <TextInput label={t("field.responsesVersion")} description={t("help.responsesVersion")} value={draft.responsesVersion} onChange={(event) => set({ responsesVersion: event.currentTarget.value })} />
      )}
      {has("beta_query") && <Switch label={t("field.betaQuery")} description={t("help.betaQuery")} checked={draft.betaQuery} onChange={(event) => set({ betaQuery: event.currentTarget.checked })} />}
      {provider?.needs_key !== false && (
        <div className={classes.full}>
          <Textarea
            label={t(isMulti ? "field.keys" : "field.key")}
            description={t(channel ? (isMulti ? "help.keysKept" : "help.keyKept") : isMulti ? "help.keys" : "help.key")}
            value={draft.keys}
            error={fault("keys")}
            rows={isMulti ? 4 : 1}
            autosize
            maxRows={10}
            spellCheck={false}
            autoComplete="off"
            classNames={{ input: "mono" }}
            autoFocus={!channel}
            onChange={(event) => set({ keys: event.currentTarget.value })}
          />
          <Group mt={8} gap="sm">
            {!channel && segments(t("keys.mode"), draft.keyMode, ["single", "multi_to_single", "batch"], (keyMode) => set({ keyMode }))}
            {channel && isMulti && draft.keys.trim() && segments(t("keys.change"), draft.keyChange, ["append", "replace"], (keyChange) => set({ keyChange }))}
            {(channel ? isMulti : draft.keyMode === "multi_to_single") && segments(t("keys.turn"), draft.turn, ["random", "polling"], (turn) => set({ turn }))}
          </Group>
        </div>
      )}
      {has("routes") && (
        <div className={classes.full}>
          <Textarea label={t("field.routes")} description={t("help.routes")} value={draft.routes} error={fault("routes")} rows={6} autosize maxRows={20} spellCheck={false} classNames={{ input: "mono" }} onChange={(event) => set({ routes: event.currentTarget.value })} />
        </div>
      )}
      {provider?.lists_models && (
        <div className={classes.full}>
          <Group gap="sm">
            <Button variant="default" loading={verification.isAsking} onClick={verification.ask}>
              {t("verify.act")}
            </Button>
            <span aria-live="polite">
              {verification.offered && <StatusPill tone="ok">{t("verify.done", { count: verification.offered.length, chosen: verification.preselected })}</StatusPill>}
              {verification.needsKey && <span className="dim">{t("verify.needsKey")}</span>}
            </span>
          </Group>
          {verification.failure !== null && <ErrorState error={verification.failure} />}
        </div>
      )}
    </Section>
  )
}
