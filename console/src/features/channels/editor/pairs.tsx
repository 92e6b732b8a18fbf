/** A JSON object of texts as rows of two fields. What is no such object is edited as JSON. */
import { ActionIcon, Button, Input, Textarea, TextInput } from "@mantine/core"
import { IconArrowRight, IconTrash } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import classes from "../channels.module.css"
import { isObject, object } from "./draft"

type Pair = [string, string]

interface Props {
  label: string
  help: string
  from: string
  to: string
  json: string
  fault?: string
  set: (json: string) => void
  /** Values are numbers on the wire. */
  numeric?: boolean
  className?: string
}

function isFlat(json: string): boolean {
  if (!json.trim()) return true
  return isObject(json) && Object.values(object(json)).every((value) => ["string", "number"].includes(typeof value))
}

export function Pairs({ label, help, from, to, json, fault, set, numeric = false, className }: Props) {
  const { t } = useTranslation("channels")
  const [pairs, setPairs] = useState<Pair[]>(() => Object.entries(object(json)).map(([name, value]) => [name, String(value)]))
  const [flat] = useState(() => isFlat(json))
  if (!flat)
    return <Textarea className={className} label={label} description={help} value={json} error={fault} rows={4} autosize maxRows={16} spellCheck={false} classNames={{ input: "mono" }} onChange={(event) => set(event.currentTarget.value)} />
  const change = (now: Pair[]) => {
    setPairs(now)
    const filled = now.filter(([name]) => name.trim())
    const value = (text: string) => (numeric && /^\d+$/.test(text.trim()) ? Number(text) : text.trim())
    set(filled.length ? JSON.stringify(Object.fromEntries(filled.map(([name, text]) => [name.trim(), value(text)]))) : "")
  }
  const put = (at: number, pair: Pair) => change(pairs.map((one, index) => (index === at ? pair : one)))
  return (
    <Input.Wrapper className={className} label={label} description={help} error={fault} labelElement="div" role="group" aria-label={label}>
      <div style={{ display: "grid", gap: 8, marginTop: 8 }}>
        {pairs.map(([name, value], at) => (
          <div key={at} className={classes.pair}>
            <TextInput size="xs" aria-label={`${from} ${at + 1}`} placeholder={from} value={name} spellCheck={false} onChange={(event) => put(at, [event.currentTarget.value, value])} />
            <IconArrowRight size={14} className="dim" aria-hidden="true" data-arrow />
            <TextInput size="xs" aria-label={`${to} ${at + 1}`} placeholder={to} value={value} spellCheck={false} onChange={(event) => put(at, [name, event.currentTarget.value])} />
            <ActionIcon variant="subtle" color="gray" aria-label={t("pairs.remove", { number: at + 1 })} onClick={() => change(pairs.filter((_, index) => index !== at))}>
              <IconTrash size={15} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button size="xs" variant="default" onClick={() => setPairs([...pairs, ["", ""]])}>
            {t("pairs.add")}
          </Button>
        </div>
      </div>
    </Input.Wrapper>
  )
}
