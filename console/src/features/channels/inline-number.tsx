/** A number edited where it stands: saved on Enter or when left, taken back by Escape. A refusal shows beside it. */
import { TextInput } from "@mantine/core"
import { useState, type KeyboardEvent } from "react"
import { useTranslation } from "react-i18next"
import { explained } from "@/lib/errors"
import classes from "./channels.module.css"

interface Props {
  label: string
  value: number
  min?: number
  lack: string
  save: (value: number) => Promise<unknown>
}

export function InlineNumber({ label, value, min, lack, save }: Props) {
  const { t } = useTranslation("channels")
  const [typed, setTyped] = useState<string | null>(null)
  const [failure, setFailure] = useState("")
  const finish = async () => {
    if (typed === null) return
    const wanted = Number(typed)
    if (!/^-?\d+$/.test(typed.trim()) || (min !== undefined && wanted < min)) return setFailure(t(min === 0 ? "error.wholePositive" : "error.whole"))
    if (wanted !== value) {
      try {
        await save(wanted)
      } catch (reason) {
        return setFailure(explained(reason, t).title)
      }
    }
    setTyped(null)
    setFailure("")
  }
  const pressed = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") void finish()
    if (event.key === "Escape") {
      setTyped(null)
      setFailure("")
    }
  }
  return (
    <TextInput
      size="xs"
      aria-label={label}
      title={lack || undefined}
      className={classes.inline}
      classNames={{ input: classes.inlineInput }}
      inputMode="numeric"
      disabled={Boolean(lack)}
      value={typed ?? String(value)}
      error={failure || undefined}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => void finish()}
      onKeyDown={pressed}
    />
  )
}
