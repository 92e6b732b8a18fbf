/** The control of one setting, by its kind. */
import { NativeSelect, PasswordInput, Switch, Textarea, TextInput } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Field } from "./api"
import { faultOf, isLong, pretty } from "./drafts"

interface Props {
  field: Field
  title: string
  text: string
  onText: (text: string) => void
}

export function Control({ field, title, text, onText }: Props) {
  const { t } = useTranslation("settings")
  const fault = faultOf(field, text)
  const error = fault ? t(`fault.${fault}`, { low: field.minimum, high: field.maximum }) : undefined
  const common = { "aria-label": title, "data-setting": field.key, error }
  switch (field.kind) {
    case "switch":
      return <Switch {...common} checked={text === "true"} onChange={(event) => onText(String(event.currentTarget.checked))} />
    case "choice":
      return <NativeSelect {...common} data={field.choices} value={text} onChange={(event) => onText(event.currentTarget.value)} />
    case "secret":
      return (
        <PasswordInput
          {...common}
          value={text}
          autoComplete="new-password"
          placeholder={t(field.is_stored ? "secret.stored" : "secret.none")}
          visibilityToggleButtonProps={{ "aria-label": t("secret.show") }}
          onChange={(event) => onText(event.currentTarget.value)}
        />
      )
    case "json":
      return <Textarea {...common} className="mono" autosize minRows={2} maxRows={16} spellCheck={false} value={text === field.value ? pretty(text) : text} onChange={(event) => onText(event.currentTarget.value)} />
    case "number":
      return <TextInput {...common} inputMode="decimal" value={text} onChange={(event) => onText(event.currentTarget.value)} />
    default:
      return isLong(field) ? (
        <Textarea {...common} autosize minRows={2} maxRows={12} value={text} onChange={(event) => onText(event.currentTarget.value)} />
      ) : (
        <TextInput {...common} value={text} onChange={(event) => onText(event.currentTarget.value)} />
      )
  }
}
