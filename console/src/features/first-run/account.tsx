/** The root account, for whoever holds the secret that the server printed. */
import { Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { ApiError } from "@/lib/http"
import { setUp } from "./api"

/** The secret behind the address's hash, where a printed link puts it: no server and no log sees it there. */
function linked(): string {
  return new URLSearchParams(location.hash.slice(1)).get("secret") ?? ""
}

const FIRST_NAME = "root"

export function AccountStep({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("first-run")
  const [secret] = useState(linked)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    setBusy(true)
    setFailure(null)
    try {
      await setUp({ username: String(given.get("username")).trim(), password: String(given.get("password")), secret: String(given.get("secret")).trim() })
      onDone()
    } catch (reason) {
      setFailure(reason instanceof ApiError && reason.message.startsWith("setup_secret") ? new ApiError(t("account.wrongSecret"), 400, "", reason.requestId) : reason)
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <div>
          <Title order={1}>{t("account.title")}</Title>
          <Text className="dim">{t("account.text")}</Text>
        </div>
        {failure !== null && <ErrorState error={failure} />}
        <TextInput name="secret" label={t("account.secret")} description={t("account.secretHelp")} defaultValue={secret} required withAsterisk={false} autoFocus={!secret} autoComplete="off" classNames={{ input: "mono" }} />
        <TextInput name="username" label={t("account.name")} description={t("account.nameHelp")} defaultValue={FIRST_NAME} maxLength={12} required withAsterisk={false} autoComplete="username" />
        <PasswordInput
          name="password"
          label={t("account.password")}
          description={t("account.passwordHelp")}
          minLength={8}
          maxLength={128}
          required
          withAsterisk={false}
          autoFocus={secret !== ""}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": t("common:signIn.show") }}
        />
        <Button type="submit" loading={busy} style={{ alignSelf: "flex-start" }}>
          {t("account.act")}
        </Button>
      </Stack>
    </form>
  )
}
