/** Tool calls of an answer, and their results: typed by the person, then sent. */
import { Button, Group, Text, Textarea } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { CodeBlock } from "@/components/ui/code-block"
import { parsed } from "../json"
import classes from "../playground.module.css"
import type { Message, ToolResult } from "../types"

function pretty(source: string): string {
  const value = parsed(source)
  return value === undefined ? source : JSON.stringify(value, null, 2)
}

/** `open`: the results are still to be given. */
export function Calls({ message, open, onSend }: { message: Message; open: boolean; onSend: (typed: Record<string, string>) => void }) {
  const { t } = useTranslation("playground")
  const [typed, setTyped] = useState<Record<string, string>>({})
  const calls = message.calls ?? []
  return (
    <>
      {calls.map(({ id, name, arguments: said }) => (
        <section key={id} className={classes.call} aria-label={t("calls.call", { name })}>
          <Text size="sm" fw={600} mb={6}>
            {t("calls.call", { name })}
          </Text>
          <CodeBlock code={pretty(said)} label={t("calls.arguments")} />
          {open && (
            <Textarea mt="xs" size="sm" rows={2} label={t("calls.result")} value={typed[id] ?? ""} onChange={(event) => setTyped({ ...typed, [id]: event.currentTarget.value })} />
          )}
        </section>
      ))}
      {open && (
        <Group gap="xs">
          <Button size="xs" disabled={calls.some(({ id }) => !typed[id]?.trim())} onClick={() => onSend(typed)}>
            {t("calls.send", { count: calls.length })}
          </Button>
          {calls.some(({ id }) => !typed[id]?.trim()) && (
            <Text size="xs" className="dim">
              {t("calls.missing", { count: calls.length })}
            </Text>
          )}
        </Group>
      )}
    </>
  )
}

export function Results({ results }: { results: ToolResult[] }) {
  const { t } = useTranslation("playground")
  return results.map(({ callId, name, text }) => (
    <div key={callId}>
      <Text size="xs" className="dim">
        {t("calls.resultOf", { name })}
      </Text>
      <div className={classes.said}>{text}</div>
    </div>
  ))
}
