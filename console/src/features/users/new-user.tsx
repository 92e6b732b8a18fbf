/** Making a user. */
import { Button, NativeSelect, PasswordInput, Stack, TextInput } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { isRoot, ROLE_ADMIN, useSelf } from "@/lib/session"
import { useCreate } from "./api"

const USER = 1
const NAME = 20

export function NewUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("users")
  const root = isRoot(useSelf())
  const create = useCreate()
  const [form, setForm] = useState({ username: "", display_name: "", password: "", role: USER })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const made = await create.mutateAsync(form).then(
      () => true,
      () => false,
    )
    if (!made) return
    done(t("new.done", { name: form.username }))
    onClose()
  }
  return (
    <Sheet opened onClose={onClose} title={t("new.title")}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <TextInput label={t("account.username")} required withAsterisk={false} maxLength={NAME} data-autofocus value={form.username} onChange={(event) => setForm({ ...form, username: event.currentTarget.value })} />
          <PasswordInput
            label={t("new.password")}
            description={t("new.passwordHint")}
            required
            withAsterisk={false}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ "aria-label": t("common:signIn.show") }}
            value={form.password}
            onChange={(event) => setForm({ ...form, password: event.currentTarget.value })}
          />
          <TextInput label={t("new.displayName")} maxLength={NAME} value={form.display_name} onChange={(event) => setForm({ ...form, display_name: event.currentTarget.value })} />
          {root && (
            <NativeSelect
              label={t("column.role")}
              value={String(form.role)}
              data={[
                { value: String(USER), label: t("role.1") },
                { value: String(ROLE_ADMIN), label: t("role.10") },
              ]}
              onChange={(event) => setForm({ ...form, role: Number(event.currentTarget.value) })}
            />
          )}
          {create.error && <ErrorState error={create.error} />}
          <div>
            <Button type="submit" loading={create.isPending}>
              {t("new.act")}
            </Button>
          </div>
        </Stack>
      </form>
    </Sheet>
  )
}
