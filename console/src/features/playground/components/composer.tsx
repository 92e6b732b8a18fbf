/** Where a message is written: text, pictures by paste, drop or picker; Enter sends, Shift and Enter break the line. */
import { ActionIcon, Button, Kbd, Text, Textarea } from "@mantine/core"
import { IconPhotoPlus, IconPlayerStop, IconSend2, IconX } from "@tabler/icons-react"
import { useRef, useState, type ClipboardEvent, type DragEvent, type KeyboardEvent } from "react"
import { useTranslation } from "react-i18next"
import { bytes } from "@/lib/format"
import { dataUrl } from "../dialects/dialect"
import { IMAGE_TYPES, LARGEST_IMAGE, readImages, type Unfit } from "../images"
import classes from "../playground.module.css"
import type { Obstacle } from "../request"
import type { Draft } from "./desk"

interface Props {
  draft: Draft
  onDraft: (draft: Draft) => void
  onSend: () => void
  /** Given while an answer comes. */
  onStop?: () => void
  /** True when there is something to send. */
  ready: boolean
  obstacle: Obstacle | "model" | null
  /** The request was edited by hand: the words stay as they are. */
  detached: boolean
}

export function Composer({ draft, onDraft, onSend, onStop, ready, obstacle, detached }: Props) {
  const { t } = useTranslation("playground")
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [unfit, setUnfit] = useState<Unfit[]>([])
  const open = ready && !obstacle && !onStop
  const add = async (files: Iterable<File>) => {
    const read = await readImages(files)
    setUnfit(read.unfit)
    if (read.images.length) onDraft({ ...draft, images: [...draft.images, ...read.images] })
  }
  const pasted = (event: ClipboardEvent) => {
    if (detached || !event.clipboardData.files.length) return
    event.preventDefault()
    void add(event.clipboardData.files)
  }
  const dropped = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (!detached) void add(event.dataTransfer.files)
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    if (open) onSend()
  }
  return (
    <div
      className={classes.composer}
      role="form"
      aria-label={t("composer.title")}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <div className={classes.composerInner}>
        {draft.images.length > 0 && (
          <ul className={classes.pictures} aria-label={t("images.list")}>
            {draft.images.map(({ name, mediaType, data }, index) => (
              <li key={index}>
                <img src={dataUrl(mediaType, data)} alt={name} />
                <ActionIcon size="xs" variant="default" aria-label={t("images.remove", { name })} onClick={() => onDraft({ ...draft, images: draft.images.toSpliced(index, 1) })}>
                  <IconX size={12} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
        <Textarea
          className={classes.growing}
          aria-label={t("composer.message")}
          placeholder={t("composer.placeholder")}
          value={draft.text}
          readOnly={detached}
          onChange={(event) => onDraft({ ...draft, text: event.currentTarget.value })}
          onKeyDown={pressed}
          onPaste={pasted}
        />
        {unfit.map(({ name, reason }) => (
          <Text key={name} size="sm" className="tone-bad" role="alert">
            {t(`images.${reason}`, { name, size: bytes(LARGEST_IMAGE) })}
          </Text>
        ))}
        <div className={classes.composerFoot}>
          <ActionIcon variant="default" size={30} disabled={detached} aria-label={t("images.add")} title={t("images.hint", { size: bytes(LARGEST_IMAGE) })} onClick={() => picker.current?.click()}>
            <IconPhotoPlus size={16} />
          </ActionIcon>
          <input
            ref={picker}
            type="file"
            hidden
            multiple
            accept={IMAGE_TYPES.join(",")}
            aria-label={t("images.add")}
            onChange={(event) => {
              void add([...(event.currentTarget.files ?? [])])
              event.currentTarget.value = ""
            }}
          />
          <Text size="xs" className={obstacle ? "tone-bad" : "dim"} style={{ flex: 1 }}>
            {obstacle ? t(`obstacle.${obstacle}`) : detached ? t("composer.detached") : t("images.hint", { size: bytes(LARGEST_IMAGE) })}
          </Text>
          {onStop ? (
            <Button variant="default" size="xs" leftSection={<IconPlayerStop size={14} />} onClick={onStop}>
              {t("composer.stop")}
            </Button>
          ) : (
            <Button size="xs" leftSection={<IconSend2 size={14} />} rightSection={<Kbd size="xs">↵</Kbd>} disabled={!open} onClick={onSend}>
              {t("composer.send")}
            </Button>
          )}
        </div>
      </div>
    </div>
  )
}
