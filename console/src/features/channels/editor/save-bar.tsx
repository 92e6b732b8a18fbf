/** Counts what is not saved, saves it or takes it back, and asks before it is left behind. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useBlocker } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import classes from "../channels.module.css"
import { isAnother } from "./places"

interface Props {
  count: number
  faults: number
  saving: boolean
  failure: unknown
  act: string
  save: () => void
  discard: () => void
}

export function SaveBar({ count, faults, saving, failure, act, save, discard }: Props) {
  const { t } = useTranslation("channels")
  return (
    <div className={classes.save} role="region" aria-label={t("save.label")}>
      {failure !== null && (
        <div style={{ flexBasis: "100%" }}>
          <ErrorState error={failure} />
        </div>
      )}
      <Text size="sm" className={faults > 0 ? "tone-bad" : "dim"} aria-live="polite">
        {faults > 0 ? t("save.faults", { count: faults }) : t("save.count", { count })}
      </Text>
      <Group gap="xs">
        <Button variant="default" disabled={count === 0 || saving} onClick={discard}>
          {t("common:action.discard")}
        </Button>
        <Button loading={saving} disabled={count === 0} onClick={save}>
          {act}
        </Button>
      </Group>
    </div>
  )
}

/** Asks before a form with unsaved changes is left; moving within its page is free. `isLeaving` says that it is meant. */
export function LeaveGuard({ dirty, isLeaving }: { dirty: boolean; isLeaving: () => boolean }) {
  const { t } = useTranslation("channels")
  const { proceed, reset, status } = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !isLeaving() && isAnother(current, next),
    enableBeforeUnload: dirty,
    withResolver: true,
  })
  return (
    <Modal opened={status === "blocked"} onClose={() => reset?.()} title={t("leave.title")} closeButtonProps={{ "aria-label": t("common:action.close") }}>
      <Stack>
        <Text>{t("leave.text")}</Text>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={() => reset?.()}>
            {t("leave.stay")}
          </Button>
          <Button color="red" onClick={() => proceed?.()}>
            {t("leave.go")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
