/** Text with a button that copies it, and says whether it did. */
import { ActionIcon, Group, Text, VisuallyHidden } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react"
import { useEffect, useState } from "react"
import { useTranslation } from "react-i18next"
import { explained } from "@/lib/errors"

const SHOWN_MS = { done: 1600, refused: 6000 }
const ICONS = { idle: <IconCopy size={14} />, done: <IconCheck size={14} className="tone-ok" />, refused: <IconAlertTriangle size={14} className="tone-bad" /> }

interface Outcome {
  state: "done" | "refused"
  words: string
}

/** Writes to the clipboard, also where the page is not served by TLS. False when the browser refused. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text })
    area.setAttribute("readonly", "")
    document.body.append(area)
    area.select()
    const done = document.execCommand("copy")
    area.remove()
    return done
  }
}

/** Copies `text`, or what `get` brings. */
export function CopyButton({ text, get, label }: { text?: string; get?: () => Promise<string>; label?: string }) {
  const { t } = useTranslation()
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS[outcome.state])
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async () => {
    try {
      const done = await copyText(text ?? (await get?.()) ?? "")
      setOutcome(done ? { state: "done", words: t("state.copied") } : { state: "refused", words: t("state.copyRefused") })
    } catch (reason) {
      setOutcome({ state: "refused", words: explained(reason, t).title })
    }
  }
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label ?? t("action.copy")} title={outcome?.state === "refused" ? outcome.words : undefined} onClick={() => void copy()}>
        {ICONS[outcome?.state ?? "idle"]}
      </ActionIcon>
      <VisuallyHidden aria-live="polite">{outcome?.words}</VisuallyHidden>
    </>
  )
}

export function Copyable({ text, label, shown }: { text: string; label?: string; shown?: string }) {
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      {label && <Text size="sm">{label}</Text>}
      <Text component="span" className="mono cut" title={text}>
        {shown ?? text}
      </Text>
      <CopyButton text={text} />
    </Group>
  )
}
