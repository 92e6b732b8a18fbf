/** The JSON that will be sent. Once edited it is detached from the thread and the parameters, until it is attached again. */
import { Badge, Button, Group, Stack, Text, Textarea } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { CopyButton } from "@/components/ui/copyable"
import { parsed } from "../json"
import classes from "../playground.module.css"
import type { Prepared } from "../request"

const ROWS = 24

export function RequestTab({ request, detached, onDetached }: { request: Prepared; detached: string | undefined; onDetached: (json: string | undefined) => void }) {
  const { t } = useTranslation("playground")
  const json = detached ?? request.shown
  const broken = detached !== undefined && parsed(detached) === undefined
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap">
        <span className="mono cut" translate="no">{`POST ${request.path}`}</span>
        <CopyButton text={json} label={t("request.copy")} />
      </Group>
      {detached !== undefined && (
        <Group gap="xs">
          <Badge color="yellow" variant="light" tt="none">
            {t("request.detached")}
          </Badge>
          <Button size="compact-xs" variant="default" onClick={() => onDetached(undefined)}>
            {t("request.attach")}
          </Button>
        </Group>
      )}
      <Textarea
        className={classes.json}
        aria-label={t("request.body")}
        rows={ROWS}
        spellCheck={false}
        value={json}
        error={broken && t("request.broken")}
        onChange={(event) => onDetached(event.currentTarget.value)}
      />
      <Text size="xs" className="dim">
        {t(json.includes("{{image ") ? "request.images" : "request.hint")}
      </Text>
    </Stack>
  )
}
