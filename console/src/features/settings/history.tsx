/** What was changed, by whom, and the way back to it. */
import { Button, Group, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states"
import { ago, dateTime } from "@/lib/format"
import { usePastChanges, type PastChange } from "./api"
import classes from "./settings.module.css"

interface Props {
  /** Of this setting, or of all with an empty key; null while closed. */
  of: string | null
  onClose: () => void
  onRevert: (change: PastChange) => void
}

export function History({ of, onClose, onRevert }: Props) {
  const { t } = useTranslation("settings")
  return (
    <Sheet opened={of !== null} onClose={onClose} title={t("historyTitle")}>
      {of !== null && <Changes of={of} onRevert={onRevert} />}
    </Sheet>
  )
}

function Changes({ of, onRevert }: { of: string; onRevert: (change: PastChange) => void }) {
  const { t } = useTranslation("settings")
  const past = usePastChanges(of)
  if (past.error) return <ErrorState error={past.error} retry={() => void past.refetch()} />
  if (!past.data) return <SkeletonRows />
  if (past.data.length === 0) return <EmptyState title={t("noHistory")} text={t("noHistoryText")} />
  return (
    <Stack gap="md">
      {past.data.map((change) => (
        <div key={change.id} className={classes.change}>
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div>
              <Text className="mono" lang="en">
                {change.key}
              </Text>
              <Text size="xs" className="dim" title={dateTime(change.changed_at)}>
                {t("changedBy", { name: change.username, when: ago(change.changed_at) })}
              </Text>
            </div>
            {!change.is_secret && (
              <Button size="xs" variant="default" onClick={() => onRevert(change)}>
                {t("takeBack")}
              </Button>
            )}
          </Group>
          {change.is_secret ? (
            <Text size="sm">{t("secretChanged")}</Text>
          ) : (
            <dl className={classes.diff}>
              <dt>{t("before")}</dt>
              <dd className="mono">{change.before ?? t("theDefault")}</dd>
              <dt>{t("after")}</dt>
              <dd className="mono">{change.after ?? t("theDefault")}</dd>
            </dl>
          )}
        </div>
      ))}
    </Stack>
  )
}
