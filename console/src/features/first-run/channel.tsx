/** The first channel: a provider, its key, what it offers, a live test. */
import { Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { offered, type Draft, type Offered } from "./api"
import classes from "./first-run.module.css"
import { Offer } from "./offer"
import { PROVIDERS, type ProviderChoice } from "./providers"

interface Found {
  draft: Draft
  models: Offered[]
}

export function ChannelStep({ onDone }: { onDone: (said: string) => void }) {
  const { t } = useTranslation("first-run")
  const [provider, choose] = useState<ProviderChoice | null>(null)
  const [found, setFound] = useState<Found | null>(null)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const verify = async (draft: Draft) => {
    setBusy(true)
    setFailure(null)
    try {
      setFound({ draft, models: await offered(draft) })
    } catch (reason) {
      setFailure(reason)
      setFound({ draft, models: [] })
    } finally {
      setBusy(false)
    }
  }
  const pick = (one: ProviderChoice) => {
    choose(one)
    setFound(null)
    setFailure(null)
    if (!one.needsKey) void verify({ provider: one, key: "", address: "" })
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    if (provider) void verify({ provider, key: String(given.get("key")).trim(), address: String(given.get("address") ?? "").trim().replace(/\/$/, "") })
  }
  return (
    <Stack>
      <div>
        <Title order={1}>{t("channel.title")}</Title>
        <Text className="dim">{t("channel.text")}</Text>
      </div>
      <div className={classes.choices} role="group" aria-label={t("channel.providers")}>
        {PROVIDERS.map((one) => (
          <button key={one.id} type="button" className={classes.choice} aria-pressed={one.id === provider?.id} onClick={() => pick(one)}>
            <strong>{t(`provider.${one.id}.name`)}</strong>
            <span className="dim">{t(`provider.${one.id}.text`)}</span>
          </button>
        ))}
      </div>
      {provider?.needsKey && (
        <form onSubmit={submit} key={provider.id}>
          <Stack gap="sm">
            {provider.needsAddress && <TextInput name="address" type="url" label={t("channel.address")} description={t(`channel.addressHelp.${provider.id}`)} required withAsterisk={false} autoFocus />}
            <PasswordInput
              name="key"
              label={t("channel.key", { name: t(`provider.${provider.id}.name`) })}
              required
              withAsterisk={false}
              autoComplete="off"
              autoFocus={!provider.needsAddress}
              visibilityToggleButtonProps={{ "aria-label": t("channel.showKey") }}
            />
            <Group>
              <Button type="submit" variant={found ? "default" : "filled"} loading={busy}>
                {t("channel.verify")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
      {failure !== null && <ErrorState error={failure} />}
      {found && !busy && <Offer key={`${found.draft.provider.id}${found.draft.key}${found.draft.address}`} draft={found.draft} models={found.models} onDone={onDone} />}
      <Group>
        <Button variant="subtle" color="gray" onClick={() => onDone("")}>
          {t("skip")}
        </Button>
      </Group>
    </Stack>
  )
}
