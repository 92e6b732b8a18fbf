/** What an owner decides about a key. */
import { Button, Group, NumberInput, Stack, Textarea, TextInput, Checkbox } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { explained } from "@/lib/errors"
import { money } from "@/lib/format"
import { useUnit } from "@/lib/status"
import { DAYS, fieldOf, inDays, type Fields } from "./fields"
import { Reach } from "./reach"

interface Props {
  initial: Fields
  act: string
  /** Quota that the key has used: its limit cannot be lower. */
  used?: number
  onSave: (fields: Fields) => Promise<void>
  onCancel: () => void
  onDelete?: () => void
}

export function KeyForm({ initial, act, used = 0, onSave, onCancel, onDelete }: Props) {
  const { t } = useTranslation("keys")
  const unit = useUnit()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const form = useForm<Fields>({
    initialValues: initial,
    validate: {
      name: (name) => (name.trim() ? null : t("fault.name")),
      limit: (limit, { unlimited }) => (unlimited || Number(limit) * unit >= Math.max(1, used) ? null : used ? t("fault.limitUsed", { used: money(used, unit) }) : t("fault.limit")),
      expires: (end) => (!end || end === initial.expires || new Date(end).getTime() > Date.now() ? null : t("fault.expires")),
    },
  })
  const save = async (fields: Fields) => {
    setBusy(true)
    setFailure(null)
    try {
      await onSave(fields)
    } catch (reason) {
      const field = fieldOf(reason)
      if (field) form.setFieldError(field, explained(reason, t).title)
      else setFailure(reason)
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit((fields) => void save(fields))} noValidate>
      <Stack>
        {failure !== null && <ErrorState error={failure} />}
        <TextInput label={t("field.name")} description={t("field.nameHelp")} data-autofocus autoComplete="off" required withAsterisk={false} {...form.getInputProps("name")} />
        <div>
          <Checkbox label={t("field.unlimited")} {...form.getInputProps("unlimited", { type: "checkbox" })} />
          {!form.values.unlimited && (
            <NumberInput mt="xs" label={t("field.limit")} description={t("field.limitHelp")} prefix="$" min={0} decimalScale={6} hideControls {...form.getInputProps("limit")} />
          )}
        </div>
        <div>
          <TextInput type="datetime-local" label={t("field.expires")} description={t("field.expiresHelp")} {...form.getInputProps("expires")} />
          <Group gap={6} mt={6} role="group" aria-label={t("field.expires")}>
            <Button size="compact-sm" variant="default" onClick={() => form.setFieldValue("expires", "")}>
              {t("never")}
            </Button>
            {DAYS.map((days) => (
              <Button key={days} size="compact-sm" variant="default" onClick={() => form.setFieldValue("expires", inDays(days))}>
                {t("days", { count: days })}
              </Button>
            ))}
          </Group>
        </div>
        <Reach form={form} />
        <Textarea label={t("field.ips")} description={t("field.ipsHelp")} autosize minRows={2} maxRows={8} classNames={{ input: "mono" }} {...form.getInputProps("allow_ips")} />
        <Group justify="space-between">
          {onDelete ? (
            <Button variant="subtle" color="red" onClick={onDelete}>
              {t("common:action.delete")}
            </Button>
          ) : (
            <span />
          )}
          <Group gap="xs">
            <Button variant="default" onClick={onCancel}>
              {t("common:action.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {act}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
