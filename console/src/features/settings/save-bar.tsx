/** How much is unsaved, what it is, and saving it all at once. */
import { Button, Group, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import type { Changes, Field } from "./api"
import classes from "./settings.module.css"
import { useTitles } from "./titles"

interface Props {
  drafts: Changes
  fields: Field[]
  faulty: boolean
  busy: boolean
  failure: unknown
  onSave: () => void
  onDiscard: () => void
}

export function SaveBar({ drafts, fields, faulty, busy, failure, onSave, onDiscard }: Props) {
  const { t } = useTranslation("settings")
  const { titleOf } = useTitles()
  const changed = fields.filter(({ key }) => key in drafts)
  if (changed.length === 0) return null
  return (
    <div className={classes.saveBar} role="region" aria-label={t("unsavedChanges")}>
      {failure !== null && failure !== undefined && <ErrorState error={failure} />}
      <Group justify="space-between" wrap="nowrap">
        <div className="cut">
          <Text fw={600}>{t("count", { count: changed.length })}</Text>
          <Text size="sm" className="dim cut">
            {changed.map(titleOf).join(" · ")}
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" onClick={onDiscard}>
            {t("common:action.discard")}
          </Button>
          <Button onClick={onSave} loading={busy} disabled={faulty}>
            {t("common:action.save")}
          </Button>
        </Group>
      </Group>
    </div>
  )
}
