/** Everything by name: pages, settings, keys, channels, models, users, a request by its id. */
import "@mantine/core/styles/Kbd.css"
import { Modal, ScrollArea, TextInput } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconSearch } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useState, type KeyboardEvent } from "react"
import { useTranslation } from "react-i18next"
import { useSelf } from "@/lib/session"
import { visible } from "./navigation"
import classes from "./palette.module.css"
import { useFound, type Found } from "./palette-search"

const WAIT_MS = 150

export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const { role } = useSelf()
  const [words, setWords] = useState("")
  const [settled] = useDebouncedValue(words.trim(), WAIT_MS)
  const [at, setAt] = useState(0)
  const go = useNavigate()
  const wanted = words.trim().toLowerCase()
  const pages: Found[] = visible(role)
    .flatMap(({ places }) => places)
    .map(({ to, name }): Found => ({ kind: "page", name: t(name), to }))
    .filter(({ name }) => name.toLowerCase().includes(wanted))
  const found = [...pages, ...useFound(settled)]
  const chosen = found[Math.min(at, found.length - 1)]
  const open = (one: Found | undefined) => {
    if (!one) return
    onClose()
    void go({ href: one.to })
  }
  const pressed = (event: KeyboardEvent) => {
    // These keys choose among what an input method offers.
    if (event.nativeEvent.isComposing) return
    if (event.key === "Enter") open(chosen)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    setAt(Math.max(0, Math.min(found.length - 1, at + step)))
  }
  return (
    <Modal.Root opened onClose={onClose} size={560} padding={0} yOffset="12vh" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content aria-label={t("palette.label")}>
      <TextInput
        data-autofocus
        variant="unstyled"
        size="md"
        leftSection={<IconSearch size={16} />}
        placeholder={t("palette.placeholder")}
        aria-label={t("palette.placeholder")}
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={chosen ? `palette-${found.indexOf(chosen)}` : undefined}
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={pressed}
      />
      <ScrollArea.Autosize mah={380} className={classes.results}>
        <ul role="listbox" id="palette-list" aria-label={t("palette.results")} className={classes.list}>
          {found.map((one, index) => (
            // The list is worked from the field above: aria-activedescendant names the option.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <li key={`${one.kind}${one.to}`} id={`palette-${index}`} role="option" aria-selected={one === chosen} className={classes.option} onClick={() => open(one)} tabIndex={-1}>
              <span className="cut">{one.name}</span>
              <span className={classes.kind}>{t(`palette.kind.${one.kind}`)}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && <p className={classes.none}>{t("palette.none")}</p>}
      </ScrollArea.Autosize>
      </Modal.Content>
    </Modal.Root>
  )
}
