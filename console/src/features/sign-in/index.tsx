/** Signing in with name and password. */
import { Alert, Button, PasswordInput, Stack, TextInput, Title } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useEffect, useRef, useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { PublicFrame } from "@/components/layout/public-frame"
import { explained } from "@/lib/errors"
import { resumeTyping } from "@/lib/first-view"
import { api, take } from "@/lib/http"
import { session } from "@/lib/session"
import { useStatus } from "@/lib/status"
import { useTitle } from "@/lib/title"

export function SignIn({ then }: { then?: string }) {
  const { t } = useTranslation()
  const status = useStatus()
  const go = useNavigate()
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  useTitle(t("signIn.title"))
  useEffect(() => {
    if (form.current) resumeTyping(form.current)
  }, [])
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    setBusy(true)
    try {
      const body = { username: String(given.get("username")).trim(), password: String(given.get("password")) }
      session.adopt(await take(api.POST("/api/user/login", { body })))
      await go({ to: then ?? "/overview" })
    } catch (reason) {
      setFailure(reason)
      setBusy(false)
    }
  }
  return (
    <PublicFrame enter={false}>
      <main className="column">
        <form ref={form} onSubmit={(event) => void submit(event)}>
          <Stack>
            <Title order={1}>{t("signIn.heading", { site: status?.system_name ?? "Faregate" })}</Title>
            {failure !== null && (
              <Alert color="red" variant="light" role="alert">
                {explained(failure, t).title}
              </Alert>
            )}
            <TextInput name="username" label={t("signIn.name")} autoComplete="username" required autoFocus withAsterisk={false} />
            <PasswordInput
              name="password"
              label={t("signIn.password")}
              autoComplete="current-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
            />
            <Button type="submit" loading={busy} fullWidth>
              {t("public.signIn")}
            </Button>
          </Stack>
        </form>
      </main>
    </PublicFrame>
  )
}
