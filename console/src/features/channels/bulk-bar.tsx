/** What can be done to the selected channels together. */
import { Button, Group, Popover, Text, TextInput } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { ChannelRow } from "./api"
import classes from "./channels.module.css"
import { useDeeds } from "./deeds"
import { Guarded, useLack } from "./rights"

export function BulkBar({ rows, clear }: { rows: ChannelRow[]; clear: () => void }) {
  const { t } = useTranslation("channels")
  const deeds = useDeeds()
  const operate = useLack("operate")
  const write = useLack("write")
  const sensitive = useLack("sensitive_write")
  const [opened, open] = useState(false)
  const [tag, setTag] = useState("")
  const turn = (on: boolean) => (
    <Guarded lack={operate}>
      {(off) => (
        <Button size="xs" variant="default" disabled={off} onClick={() => deeds.turn(rows, on)}>
          {t(on ? "deed.enable" : "deed.disable")}
        </Button>
      )}
    </Guarded>
  )
  const give = async () => {
    await deeds.tag(rows, tag.trim())
    open(false)
    setTag("")
  }
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("bulk.label")}>
      <Text size="sm" fw={600} aria-live="polite">
        {t("bulk.selected", { count: rows.length })}
      </Text>
      {turn(true)}
      {turn(false)}
      <Popover opened={opened} onChange={open} trapFocus withinPortal position="bottom-start" shadow="md">
        <Popover.Target>
          <Button size="xs" variant="default" disabled={Boolean(write)} title={write || undefined} onClick={() => open(!opened)}>
            {t("bulk.tag")}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t("bulk.tag")}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void give()
            }}
          >
            <Group align="flex-end" gap="xs">
              <TextInput size="xs" label={t("bulk.tagName")} description={t("bulk.tagHelp")} value={tag} maxLength={191} onChange={(event) => setTag(event.currentTarget.value)} data-autofocus />
              <Button size="xs" type="submit">
                {t("bulk.tagSet")}
              </Button>
            </Group>
          </form>
        </Popover.Dropdown>
      </Popover>
      <Guarded lack={sensitive}>
        {(off) => (
          <Button size="xs" variant="default" disabled={off} onClick={() => deeds.remove(rows, clear)}>
            {t("deed.delete")}
          </Button>
        )}
      </Guarded>
      <Button size="xs" variant="subtle" onClick={clear}>
        {t("bulk.clear")}
      </Button>
    </div>
  )
}
