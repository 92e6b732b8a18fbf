/** What can be done with the selected keys, and what of it was refused. */
import { Alert, Button, Group, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { ApiError } from "@/lib/http"
import type { Actions } from "./actions"
import type { Key } from "./api"

function Refused({ failure, onClose }: { failure: unknown; onClose: () => void }) {
  const { t } = useTranslation("keys")
  if (!failure) return null
  if (failure instanceof ApiError) return <ErrorState error={failure} />
  return (
    <Alert color="yellow" variant="light" role="alert" my="sm" withCloseButton onClose={onClose} closeButtonLabel={t("common:action.close")}>
      {(failure as Error).message}
    </Alert>
  )
}

export function BulkBar({ keys, actions, onClear }: { keys: Key[]; actions: Actions; onClear: () => void }) {
  const { t } = useTranslation("keys")
  return (
    <>
      <Refused failure={actions.failure} onClose={actions.clear} />
      {keys.length > 0 && (
        <Group gap="xs" mb="sm" role="group" aria-label={t("bulk.label")}>
          <Text size="sm" fw={600} aria-live="polite">
            {t("bulk.selected", { count: keys.length })}
          </Text>
          <Button size="xs" variant="default" onClick={() => void actions.switchTo(keys, true)}>
            {t("action.on")}
          </Button>
          <Button size="xs" variant="default" onClick={() => void actions.switchTo(keys, false)}>
            {t("action.off")}
          </Button>
          <Button size="xs" variant="default" onClick={() => actions.askToDelete(keys, onClear)}>
            {t("common:action.delete")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
            {t("bulk.clear")}
          </Button>
        </Group>
      )}
    </>
  )
}
