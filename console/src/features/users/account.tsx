/** A user's account: name, group, remark, password; role, access and removal. */
import { Button, Group, NativeSelect, PasswordInput, Stack, TextInput, Title } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { useConfirm } from "@/components/ui/confirm"
import { ErrorState } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { isRoot, ROLE_ADMIN, ROLE_ROOT, useSelf } from "@/lib/session"
import { ENABLED, useAct, useEdit, useGroups, useManage, type User } from "./api"
import classes from "./users.module.css"

const REMARK = 255

export function Account({ user, onGone }: { user: User; onGone: () => void }) {
  const { t } = useTranslation("users")
  const groups = useGroups().data ?? []
  const edit = useEdit()
  const [form, setForm] = useState({ username: user.username, display_name: user.display_name, group: user.group, remark: user.remark, password: "" })
  const text = (name: "username" | "display_name" | "remark", label: string, maxLength: number, first = false) => (
    <TextInput label={label} maxLength={maxLength} value={form[name]} data-autofocus={first || undefined} onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })} />
  )
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const saved = await edit.mutateAsync({ id: user.id, ...form }).then(
      () => true,
      () => false,
    )
    if (!saved) return
    setForm({ ...form, password: "" })
    done(t("account.saved", { name: form.username }))
  }
  return (
    <Stack gap="lg">
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          {text("username", t("account.username"), 20, true)}
          {text("display_name", t("account.displayName"), 20)}
          <NativeSelect
            label={t("account.group")}
            description={t("account.groupHint")}
            value={form.group}
            data={[...new Set([...groups, form.group])]}
            onChange={(event) => setForm({ ...form, group: event.currentTarget.value })}
          />
          {text("remark", t("account.remark"), REMARK)}
          <PasswordInput
            label={t("account.password")}
            description={t("account.passwordHint")}
            autoComplete="new-password"
            value={form.password}
            visibilityToggleButtonProps={{ "aria-label": t("common:signIn.show") }}
            onChange={(event) => setForm({ ...form, password: event.currentTarget.value })}
          />
          {edit.error && <ErrorState error={edit.error} />}
          <div>
            <Button type="submit" loading={edit.isPending}>
              {t("common:action.save")}
            </Button>
          </div>
        </Stack>
      </form>
      <Access user={user} onGone={onGone} />
    </Stack>
  )
}

function Access({ user, onGone }: { user: User; onGone: () => void }) {
  const { t } = useTranslation("users")
  const self = useSelf()
  const act = useAct()
  const manage = useManage()
  const [dialog, ask] = useConfirm()
  const name = user.username
  if (user.role >= ROLE_ROOT || user.id === self.id) return null
  const admin = user.role >= ROLE_ADMIN
  const question = (kind: "disable" | "promote" | "demote" | "delete", run: () => Promise<unknown>) =>
    ask({ title: t(`${kind}.title`, { name }), text: t(`${kind}.text`, { name }), act: t(`${kind}.act`), run: () => run().then(() => done(t(`${kind}.done`, { name }))) })
  return (
    <Stack gap="sm" className={classes.part}>
      <Title order={3}>{t("access.title")}</Title>
      {act.error && <ErrorState error={act.error} />}
      <Group gap="xs">
        {user.status === ENABLED ? (
          <Button variant="default" onClick={() => question("disable", () => act.mutateAsync({ ids: [user.id], action: "disable", group: "", quota: 0, reason: "" }))}>
            {t("disable.act")}
          </Button>
        ) : (
          <Button variant="default" loading={act.isPending} onClick={() => act.mutate({ ids: [user.id], action: "enable", group: "", quota: 0, reason: "" })}>
            {t("access.enable")}
          </Button>
        )}
        {isRoot(self) && !admin && (
          <Button variant="default" onClick={() => question("promote", () => manage.mutateAsync({ id: user.id, action: "promote" }))}>
            {t("promote.act")}
          </Button>
        )}
        {admin && (
          <Button variant="default" onClick={() => question("demote", () => manage.mutateAsync({ id: user.id, action: "demote" }))}>
            {t("demote.act")}
          </Button>
        )}
        <Button variant="default" onClick={() => question("delete", () => manage.mutateAsync({ id: user.id, action: "delete" }).then(onGone))}>
          {t("delete.act")}
        </Button>
      </Group>
      {dialog}
    </Stack>
  )
}
