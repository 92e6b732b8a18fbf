/** One section: a row for every setting, with its key, whether it differs from the default, and the way back. */
import { Anchor, Badge, Group, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Panel } from "@/components/ui/panel"
import type { Changes, Field, Section } from "./api"
import { Control } from "./control"
import { textOf } from "./drafts"
import classes from "./settings.module.css"
import { useTitles } from "./titles"

interface Props {
  section: Section
  drafts: Changes
  onDraft: (field: Field, text: string | null) => void
  onHistory: (key: string) => void
}

export function SectionView({ section, drafts, onDraft, onHistory }: Props) {
  const { nameOf, helpOf } = useTitles()
  return (
    <Panel title={nameOf(section)} flush>
      {section.help && (
        <Text size="sm" className={`dim ${classes.help}`}>
          {helpOf(section)}
        </Text>
      )}
      {section.fields.map((field) => (
        <Row key={field.key} field={field} drafts={drafts} onDraft={onDraft} onHistory={onHistory} />
      ))}
    </Panel>
  )
}

function Row({ field, drafts, onDraft, onHistory }: Omit<Props, "section"> & { field: Field }) {
  const { t } = useTranslation("settings")
  const { titleOf } = useTitles()
  const title = titleOf(field)
  const draft = drafts[field.key]
  const changed = draft !== undefined
  const differs = draft === null ? false : changed || field.is_stored
  return (
    <div className={classes.row} data-changed={changed || undefined}>
      <div>
        <Group gap={8}>
          <Text fw={500}>{title}</Text>
          {changed && (
            <Badge size="sm" variant="light" radius="sm">
              {t("unsaved")}
            </Badge>
          )}
        </Group>
        <Text className="mono dim" lang="en">
          {field.key}
        </Text>
      </div>
      <div>
        <Control field={field} title={title} text={textOf(field, drafts)} onText={(text) => onDraft(field, text)} />
        <Group gap="md" mt={4} className={classes.under}>
          {differs && (
            <Anchor component="button" type="button" size="xs" onClick={() => onDraft(field, null)} aria-label={t("resetOf", { title })}>
              {t("reset")}
            </Anchor>
          )}
          {field.is_stored && (
            <Anchor component="button" type="button" size="xs" onClick={() => onHistory(field.key)} aria-label={t("historyOf", { title })}>
              {t("history")}
            </Anchor>
          )}
        </Group>
      </div>
    </div>
  )
}
