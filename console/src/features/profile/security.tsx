/** Password, sign-in sessions, personal access token. */
import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { useConfirm } from "@/components/ui/confirm"
import { Copyable } from "@/components/ui/copyable"
import { Panel } from "@/components/ui/panel"
import { changePassword, newToken } from "./api"
import { useSaving } from "./saving"
import { Sessions } from "./sessions"

const SHORTEST = 8

function Password() {
  const { t } = useTranslation("profile")
  const { busy, failure, save } = useSaving()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    void save(async () => {
      await changePassword(String(given.get("original")), String(given.get("password")))
      form.reset()
    }, t("password.done"))
  }
  const shared = { required: true, withAsterisk: false, visibilityToggleButtonProps: { "aria-label": t("common:signIn.show") } }
  return (
    <Panel title={t("password.title")}>
      <form onSubmit={submit}>
        <Stack>
          {failure}
          <PasswordInput name="original" label={t("password.original")} autoComplete="current-password" {...shared} />
          <PasswordInput name="password" label={t("password.new")} description={t("password.newHelp")} minLength={SHORTEST} autoComplete="new-password" {...shared} />
          <Group>
            <Button type="submit" loading={busy}>
              {t("password.act")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  )
}

function AccessToken() {
  const { t } = useTranslation("profile")
  const [dialog, ask] = useConfirm()
  const [token, setToken] = useState("")
  const generate = () => ask({ title: t("token.title"), text: t("token.ends"), act: t("token.act"), run: async () => setToken(await newToken()) })
  return (
    <Panel title={t("token.title")}>
      <Stack gap="sm">
        <Text className="dim">{t("token.text")}</Text>
        {token && (
          <div role="status">
            <Text fw={600}>{t("token.once")}</Text>
            <Copyable text={token} />
          </div>
        )}
        <Group>
          <Button variant="default" onClick={generate}>
            {t("token.act")}
          </Button>
        </Group>
      </Stack>
      {dialog}
    </Panel>
  )
}

export function Security() {
  return (
    <Stack>
      <Password />
      <Sessions />
      <AccessToken />
    </Stack>
  )
}
