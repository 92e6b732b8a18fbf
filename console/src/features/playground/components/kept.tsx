/** The conversations of this browser: opened, renamed, deleted, taken out and brought in. */
import { ActionIcon, Button, Group, Text, TextInput, UnstyledButton } from "@mantine/core"
import { IconDownload, IconPencil, IconTrash, IconUpload } from "@tabler/icons-react"
import { useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/ui/states"
import { ago } from "@/lib/format"
import { done } from "@/lib/notify"
import { exported, imported } from "../conversation"
import classes from "../playground.module.css"
import type { Conversation } from "../types"
import type { State, Workspace } from "../workspace"

interface Props {
  workspace: Workspace
  state: State
  current: string | undefined
  onOpen: (id: string) => void
}

/** Hands a text to the browser as a file. */
function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }))
  Object.assign(document.createElement("a"), { href: url, download: name }).click()
  URL.revokeObjectURL(url)
}

export function Kept({ workspace, state, current, onOpen }: Props) {
  const { t } = useTranslation("playground")
  const picker = useRef<HTMLInputElement>(null)
  const [refused, setRefused] = useState("")
  const conversations = Object.values(state.all)
    .filter(({ lanes }) => lanes.some(({ messages }) => messages.length))
    .sort((one, other) => other.updatedAt - one.updatedAt)
  const bring = async (file: File | undefined) => {
    if (!file) return
    const read = imported(await file.text(), workspace.owner)
    setRefused(read ? "" : t("kept.refused", { name: file.name }))
    if (!read) return
    if (await workspace.adopt(read)) done(t("kept.imported", { count: read.length }))
  }
  return (
    <>
      <Group gap="xs" mb="sm">
        <Button size="xs" variant="default" leftSection={<IconUpload size={14} />} onClick={() => picker.current?.click()} data-autofocus>
          {t("kept.import")}
        </Button>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} />} disabled={!conversations.length} onClick={() => download("faregate-playground.json", exported(conversations))}>
          {t("kept.exportAll")}
        </Button>
        <input
          ref={picker}
          type="file"
          hidden
          accept="application/json"
          aria-label={t("kept.import")}
          onChange={(event) => {
            void bring(event.currentTarget.files?.[0])
            event.currentTarget.value = ""
          }}
        />
      </Group>
      {refused && (
        <Text size="sm" className="tone-bad" role="alert">
          {refused}
        </Text>
      )}
      {conversations.length ? (
        <ul className={classes.kept} aria-label={t("kept.title")}>
          {conversations.map((conversation) => (
            <Entry key={conversation.id} conversation={conversation} workspace={workspace} current={conversation.id === current} onOpen={onOpen} />
          ))}
        </ul>
      ) : (
        <EmptyState title={t("kept.none")} text={t("kept.noneText")} />
      )}
    </>
  )
}

function Entry({ conversation, workspace, current, onOpen }: { conversation: Conversation; workspace: Workspace; current: boolean; onOpen: (id: string) => void }) {
  const { t } = useTranslation("playground")
  const [mode, setMode] = useState<"" | "rename" | "delete">("")
  const { id, updatedAt, lanes } = conversation
  const title = conversation.title || t("kept.untitled")
  const [name, setName] = useState(title)
  if (mode === "rename") {
    const rename = () => {
      workspace.change(id, (one) => ({ ...one, title: name.trim() || one.title }))
      setMode("")
    }
    return (
      <li>
        <TextInput
          size="xs"
          style={{ flex: 1 }}
          aria-label={t("kept.name")}
          value={name}
          autoFocus
          onChange={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing) rename()
          }}
        />
        <Button size="xs" onClick={rename}>
          {t("common:action.save")}
        </Button>
      </li>
    )
  }
  if (mode === "delete")
    return (
      <li>
        <Text size="sm" className={classes.name}>
          {t("kept.deleteAsk", { title })}
        </Text>
        <Button size="xs" color="red" onClick={() => void workspace.remove(id)}>
          {t("common:action.delete")}
        </Button>
        <Button size="xs" variant="default" autoFocus onClick={() => setMode("")}>
          {t("common:action.cancel")}
        </Button>
      </li>
    )
  return (
    <li>
      <UnstyledButton className={classes.keptLink} aria-current={current || undefined} onClick={() => onOpen(id)}>
        <Text size="sm" fw={current ? 600 : 400} className="cut">
          {title}
        </Text>
        <Text size="xs" className="dim cut">{`${ago(updatedAt / 1000)} · ${lanes.map(({ model }) => model).join(", ")}`}</Text>
      </UnstyledButton>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("kept.rename", { title })} onClick={() => setMode("rename")}>
        <IconPencil size={14} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("kept.export", { title })} onClick={() => download(`${title}.json`, exported([conversation]))}>
        <IconDownload size={14} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("kept.delete", { title })} onClick={() => setMode("delete")}>
        <IconTrash size={14} />
      </ActionIcon>
    </li>
  )
}
