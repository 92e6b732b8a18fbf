/** How the gateway will be used: one choice, and what it changes. */
import { Button, Group, Stack, Text, Title } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { chooseUse, USES, type Use } from "./api"
import classes from "./first-run.module.css"

export function UseStep({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("first-run")
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const choose = async (use: Use) => {
    setBusy(true)
    setFailure(null)
    try {
      await chooseUse(use)
      onDone()
    } catch (reason) {
      setFailure(reason)
      setBusy(false)
    }
  }
  return (
    <Stack>
      <div>
        <Title order={1}>{t("use.title")}</Title>
        <Text className="dim">{t("use.text")}</Text>
      </div>
      {failure !== null && <ErrorState error={failure} />}
      <Stack gap="xs">
        {USES.map((use) => (
          <button key={use} type="button" className={classes.choice} disabled={busy} onClick={() => void choose(use)}>
            <strong>{t(`use.${use}.name`)}</strong>
            <span className="dim">{t(`use.${use}.text`)}</span>
          </button>
        ))}
      </Stack>
      <Group>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {t("skip")}
        </Button>
      </Group>
    </Stack>
  )
}
