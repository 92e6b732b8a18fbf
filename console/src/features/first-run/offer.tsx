/** The models of a provider to choose from, and the channel made of them, tested at once. */
import { Button, Checkbox, Group, Stack, Text, Textarea } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { explained } from "@/lib/errors"
import { duration } from "@/lib/format"
import { useStatus } from "@/lib/status"
import { answering } from "@/components/snippets/callable"
import { addChannel, removeChannel, test, withPrices, type Draft, type Offered } from "./api"
import classes from "./first-run.module.css"

/** The model to try: the first that answers questions, else any. */
function trial(chosen: Offered[]): string {
  const talking = answering(chosen.map(({ name }) => ({ name, priced: true, endpoints: ["openai"] })))
  return talking[0] ?? chosen[0]?.name ?? ""
}

export function Offer({ draft, models, onDone }: { draft: Draft; models: Offered[]; onDone: (said: string) => void }) {
  const { t } = useTranslation("first-run")
  const isLocal = !draft.provider.needsKey
  const freely = useStatus()?.self_use_mode_enabled === true || isLocal
  const [chosen, choose] = useState(() => models.filter(({ priced }) => priced || freely).map(({ name }) => name))
  const [named, name] = useState("")
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const [broken, setBroken] = useState<{ id: number; reason: unknown } | null>(null)
  const typed = [...new Set(named.split(/[\s,]+/).filter(Boolean))]
  const count = new Set([...chosen, ...typed]).size
  const add = async () => {
    setBusy(true)
    setFailure(null)
    try {
      if (broken) await removeChannel(broken.id)
      setBroken(null)
      const wanted = [...models.filter((one) => chosen.includes(one.name)), ...(typed.length ? await withPrices(typed) : [])]
      const id = await addChannel(draft, wanted)
      try {
        const seconds = await test(id, trial(wanted))
        onDone(t("channel.tested", { name: draft.provider.name, time: duration(seconds * 1000) }))
      } catch (reason) {
        setBroken({ id, reason })
      }
    } catch (reason) {
      setFailure(reason)
    }
    setBusy(false)
  }
  return (
    <Stack gap="sm">
      {models.length > 0 ? (
        <>
          <Group justify="space-between">
            <Text fw={600} role="status">
              {t("channel.verified", { count: models.length })}
            </Text>
            <Group gap={6}>
              <Button size="compact-sm" variant="default" onClick={() => choose(models.map((one) => one.name))}>
                {t("channel.all")}
              </Button>
              <Button size="compact-sm" variant="default" onClick={() => choose([])}>
                {t("channel.none")}
              </Button>
            </Group>
          </Group>
          <Checkbox.Group value={chosen} onChange={choose} aria-label={t("channel.models")} className={classes.models}>
            <Stack gap={6}>
              {models.map((one) => (
                <Checkbox key={one.name} value={one.name} label={one.priced || isLocal ? one.name : t("channel.unpriced", { name: one.name })} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Text size="sm" className="dim">
            {t(isLocal ? "channel.sandboxPrices" : freely ? "channel.pricesFree" : "channel.prices")}
          </Text>
        </>
      ) : (
        <Textarea label={t("channel.named")} description={t("channel.namedHelp")} autosize minRows={2} value={named} onChange={(event) => name(event.currentTarget.value)} />
      )}
      {failure !== null && <ErrorState error={failure} />}
      {broken && (
        <>
          <ErrorState error={new Error(explained(broken.reason, t).title)} />
          <Text size="sm">{t("channel.broken")}</Text>
        </>
      )}
      <Group>
        <Button loading={busy} disabled={count === 0} onClick={() => void add()}>
          {t(broken ? "channel.again" : "channel.act", { count })}
        </Button>
        {broken && (
          <Button variant="default" onClick={() => onDone("")}>
            {t("channel.keep")}
          </Button>
        )}
      </Group>
    </Stack>
  )
}
