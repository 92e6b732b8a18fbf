/** What a request may set. Nothing is set until someone sets it: then the provider's default holds. */
import { NativeSelect, NumberInput, Stack, Switch, Textarea } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { USUAL_MAX_TOKENS, type Dialect, type Knob } from "../dialects"
import classes from "../playground.module.css"
import { readExtra, readSchema, readTools } from "../tools"
import type { Parameters } from "../types"

interface Props {
  parameters: Parameters
  /** Those of the lanes; a parameter is offered when one of them has it. */
  dialects: Dialect[]
  onChange: (parameters: Parameters) => void
}

type Numeric = "temperature" | "topP" | "maxTokens" | "seed" | "budget"
const NUMBERS: Record<Numeric, { min: number; max?: number; step: number; whole: boolean }> = {
  temperature: { min: 0, max: 2, step: 0.1, whole: false },
  topP: { min: 0, max: 1, step: 0.05, whole: false },
  maxTokens: { min: 1, step: 256, whole: true },
  seed: { min: 0, step: 1, whole: true },
  budget: { min: 0, step: 1024, whole: true },
}
const FORMATS = ["text", "json", "schema"] as const

export function ParametersTab({ parameters, dialects, onChange }: Props) {
  const { t } = useTranslation("playground")
  const set = (more: Partial<Parameters>) => onChange({ ...parameters, ...more })
  const lacks = (knob: Knob) => !dialects.some(({ knobs }) => knobs.has(knob))
  const missing = (knob: Knob) => (lacks(knob) ? t("parameter.lacking", { dialect: dialects.map(({ label }) => label).join(", ") }) : undefined)
  const demandsLimit = dialects.some(({ name }) => name === "anthropic") && parameters.maxTokens === undefined
  const number = (name: Numeric, description?: string) => {
    const { whole, ...bounds } = NUMBERS[name]
    return (
      <NumberInput
        size="sm"
        label={t(`parameter.${name}`)}
        description={missing(name) ?? description}
        placeholder={t("parameter.default")}
        {...bounds}
        allowDecimal={!whole}
        hideControls
        inputWrapperOrder={["label", "input", "description"]}
        disabled={lacks(name)}
        value={parameters[name] ?? ""}
        onChange={(value) => set({ [name]: typeof value === "number" ? value : undefined })}
      />
    )
  }
  const efforts = [...new Set(dialects.flatMap((dialect) => dialect.efforts))]
  return (
    <Stack gap="md">
      <Textarea label={t("parameter.system")} placeholder={t("parameter.none")} className={classes.growing} value={parameters.system} onChange={(event) => set({ system: event.currentTarget.value })} />
      <div className={classes.pair}>
        {number("temperature")}
        {number("topP")}
        {number("maxTokens", demandsLimit ? t("parameter.demanded", { count: USUAL_MAX_TOKENS }) : undefined)}
        {number("seed")}
        <NativeSelect
          label={t("parameter.effort")}
          value={parameters.effort}
          data={[{ value: "", label: t("parameter.default") }, ...efforts.map((effort) => ({ value: effort, label: effort }))]}
          onChange={(event) => set({ effort: event.currentTarget.value })}
        />
        {number("budget")}
      </div>
      <Textarea
        label={t("parameter.stop")}
        description={missing("stop") ?? t("parameter.stopHint")}
        placeholder={t("parameter.default")}
        rows={2}
        disabled={lacks("stop")}
        value={parameters.stop.join("\n")}
        onChange={(event) => set({ stop: event.currentTarget.value === "" ? [] : event.currentTarget.value.split("\n") })}
      />
      <NativeSelect
        label={t("parameter.format")}
        value={parameters.format}
        data={FORMATS.map((format) => ({ value: format, label: t(`format.${format}`), disabled: format === "json" && lacks("json") }))}
        onChange={(event) => set({ format: FORMATS.find((one) => one === event.currentTarget.value) ?? "text" })}
      />
      {parameters.format === "schema" && (
        <Textarea
          label={t("parameter.schema")}
          className={classes.json}
          rows={6}
          spellCheck={false}
          value={parameters.schema}
          error={readSchema(parameters.schema) === null && t("obstacle.schema")}
          onChange={(event) => set({ schema: event.currentTarget.value })}
        />
      )}
      <Textarea
        label={t("parameter.tools")}
        description={t("parameter.toolsHint")}
        className={classes.json}
        rows={4}
        spellCheck={false}
        value={parameters.tools}
        error={readTools(parameters.tools) === null && t("obstacle.tools")}
        onChange={(event) => set({ tools: event.currentTarget.value })}
      />
      <Textarea
        label={t("parameter.extra")}
        description={t("parameter.extraHint")}
        className={classes.json}
        rows={3}
        spellCheck={false}
        value={parameters.extra}
        error={readExtra(parameters.extra) === null && t("obstacle.extra")}
        onChange={(event) => set({ extra: event.currentTarget.value })}
      />
      <Switch label={t("parameter.stream")} checked={parameters.stream} onChange={(event) => set({ stream: event.currentTarget.checked })} />
    </Stack>
  )
}
