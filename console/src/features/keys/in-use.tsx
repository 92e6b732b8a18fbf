/** A whole key, the address to use it at, and programs that do. */
import { Button, Group, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Snippets } from "@/components/snippets/snippets"
import { Copyable } from "@/components/ui/copyable"
import { useBaseUrl } from "@/lib/status"

interface Props {
  apiKey: string
  group: string
  limits: string[]
  lead: string
  onClose: () => void
}

export function InUse({ apiKey, group, limits, lead, onClose }: Props) {
  const { t } = useTranslation("keys")
  return (
    <Stack>
      <Text role="status">{lead}</Text>
      <div>
        <Text size="sm" fw={600}>
          {t("column.key")}
        </Text>
        <Copyable text={apiKey} />
      </div>
      <div>
        <Text size="sm" fw={600}>
          {t("common:home.base")}
        </Text>
        <Copyable text={useBaseUrl()} />
      </div>
      <Snippets apiKey={apiKey} group={group} limits={limits} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t("common:action.close")}
        </Button>
      </Group>
    </Stack>
  )
}
