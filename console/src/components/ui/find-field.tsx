/** The field that narrows a list by words: it waits for a pause, and follows the address when that changes by itself. */
import { TextInput, type TextInputProps } from "@mantine/core"
import { useDebouncedCallback } from "@mantine/hooks"
import { IconSearch } from "@tabler/icons-react"
import { useEffect, useRef } from "react"

const PAUSE_MS = 250

interface Props extends Omit<TextInputProps, "label" | "onChange" | "value"> {
  label: string
  words: string | undefined
  onFind: (words: string | undefined) => void
}

export function FindField({ label, words = "", onFind, ...rest }: Props) {
  const field = useRef<HTMLInputElement>(null)
  const find = useDebouncedCallback((typed: string) => onFind(typed || undefined), PAUSE_MS)
  useEffect(() => {
    if (field.current && document.activeElement !== field.current) field.current.value = words
  }, [words])
  return (
    <TextInput
      ref={field}
      data-filter
      flex="1 1 220px"
      maw={360}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={15} aria-hidden="true" />}
      defaultValue={words}
      onChange={(event) => find(event.currentTarget.value.trim())}
      {...rest}
    />
  )
}
