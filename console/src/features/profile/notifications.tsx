/** How one is told of a low balance, and what one's calls may do. */
import { Button, Checkbox, Group, NativeSelect, NumberInput, PasswordInput, Stack, TextInput } from "@mantine/core"
import { useForm, type UseFormReturnType } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { Panel } from "@/components/ui/panel"
import { isAdmin, type Self } from "@/lib/session"
import { useUnit } from "@/lib/status"
import { savePreferences, type Preferences } from "./api"
import { preferencesOf, WAYS } from "./preferences"
import { useSaving } from "./saving"

type Form = UseFormReturnType<Preferences>

function Way({ form }: { form: Form }) {
  const { t } = useTranslation("profile")
  const secret = { visibilityToggleButtonProps: { "aria-label": t("notify.show") }, autoComplete: "off" }
  const address = { type: "url", required: true, withAsterisk: false }
  switch (form.values.notify_type) {
    case "webhook":
      return (
        <>
          <TextInput label={t("notify.webhookUrl")} {...address} {...form.getInputProps("webhook_url")} />
          <PasswordInput label={t("notify.webhookSecret")} description={t("notify.webhookSecretHelp")} {...secret} {...form.getInputProps("webhook_secret")} />
        </>
      )
    case "bark":
      return <TextInput label={t("notify.barkUrl")} description={t("notify.barkUrlHelp", { title: "{{title}}", content: "{{content}}" })} {...address} {...form.getInputProps("bark_url")} />
    case "gotify":
      return (
        <>
          <TextInput label={t("notify.gotifyUrl")} {...address} {...form.getInputProps("gotify_url")} />
          <PasswordInput label={t("notify.gotifyToken")} required withAsterisk={false} {...secret} {...form.getInputProps("gotify_token")} />
          <NumberInput label={t("notify.gotifyPriority")} min={0} max={10} {...form.getInputProps("gotify_priority")} />
        </>
      )
    default:
      return <TextInput label={t("notify.email")} description={t("notify.emailHelp")} type="email" {...form.getInputProps("notification_email")} />
  }
}

export function Notifications({ self }: { self: Self }) {
  const { t } = useTranslation("profile")
  const unit = useUnit()
  const { busy, failure, save } = useSaving()
  const kept = preferencesOf(self.setting)
  const form: Form = useForm<Preferences>({ initialValues: { ...kept, quota_warning_threshold: kept.quota_warning_threshold / unit } })
  const store = (given: Preferences) => savePreferences({ ...given, quota_warning_threshold: Math.round(Number(given.quota_warning_threshold) * unit) })
  return (
    <form onSubmit={form.onSubmit((given) => void save(() => store(given)))}>
      <Stack>
        {failure}
        <Panel title={t("notify.title")}>
          <Stack>
            <NumberInput label={t("notify.threshold")} prefix="$" min={0} decimalScale={6} hideControls required withAsterisk={false} {...form.getInputProps("quota_warning_threshold")} />
            <NativeSelect label={t("notify.way")} data={WAYS.map((way) => ({ value: way, label: t(`notify.ways.${way}`) }))} {...form.getInputProps("notify_type")} />
            <Way form={form} />
            {isAdmin(self) && <Checkbox label={t("notify.upstream")} {...form.getInputProps("upstream_model_update_notify_enabled", { type: "checkbox" })} />}
          </Stack>
        </Panel>
        <Panel title={t("calls.title")}>
          <Stack>
            <Checkbox label={t("calls.unpriced")} description={t("calls.unpricedHelp")} {...form.getInputProps("accept_unset_model_ratio_model", { type: "checkbox" })} />
            <Checkbox label={t("calls.ip")} {...form.getInputProps("record_ip_log", { type: "checkbox" })} />
          </Stack>
        </Panel>
        <Group>
          <Button type="submit" loading={busy}>
            {t("common:action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
