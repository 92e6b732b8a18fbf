/** What a list or card shows when there is nothing to show: why, and what to do next. */
import { Alert, Button, Group, Skeleton, Stack, Text } from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { explained } from "@/lib/errors"
import { Copyable } from "@/components/ui/copyable"

/** Nothing here yet. `children` are the next step. */
export function EmptyState({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py={48} px="md">
      <Text fw={600}>{title}</Text>
      {text && (
        <Text className="dim" ta="center" maw={460}>
          {text}
        </Text>
      )}
      {children && <Group mt="xs">{children}</Group>}
    </Stack>
  )
}

/** Something failed: what, why, how to go on. Stays until it works. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation()
  const { title, text, requestId } = explained(error, t)
  return (
    <Alert color="red" variant="light" title={title} role="alert" my="sm">
      <Stack gap="xs" align="flex-start">
        {text && <Text size="sm">{text}</Text>}
        {requestId && <Copyable text={requestId} label={t("error.requestId")} />}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {t("action.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

/** Rows to come. */
export function SkeletonRows({ rows = 8, height = 20 }: { rows?: number; height?: number }) {
  const { t } = useTranslation()
  return (
    <Stack gap={16} p="sm" role="status" aria-label={t("state.loading")}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} animate={false} />
      ))}
    </Stack>
  )
}
