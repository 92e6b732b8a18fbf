/** One message: what was said, thought and called; how it went; what can be done with it. */
import { ActionIcon, Alert, Anchor, Button, Group, NativeSelect, Stack, Text, Textarea } from "@mantine/core"
import { IconPencil, IconRefresh, IconTrash } from "@tabler/icons-react"
import { memo, useState, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { Link } from "@tanstack/react-router"
import { CopyButton } from "@/components/ui/copyable"
import { dataUrl } from "../dialects/dialect"
import classes from "../playground.module.css"
import { ROLES, type Message, type Role } from "../types"
import { Calls, Results } from "./calls"
import { FactsLine } from "./facts-line"
import { Prose } from "./prose"

export interface MessageActions {
  edit: (id: string, text: string) => void
  resend: (id: string, text: string) => void
  regenerate: (id: string) => void
  remove: (id: string) => void
  role: (id: string, role: Role) => void
  results: (message: Message, typed: Record<string, string>) => void
  inspect: (id: string) => void
}

interface Props {
  message: Message
  running: boolean
  last: boolean
  actions: MessageActions
}

function Act({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} title={label} onClick={onClick}>
      {children}
    </ActionIcon>
  )
}

export const MessageView = memo(function MessageView({ message, running, last, actions }: Props) {
  const { t } = useTranslation("playground")
  const [editing, setEditing] = useState(false)
  const { id, role } = message
  return (
    <article className={classes.message} aria-label={t(`role.${role}`)} aria-busy={running}>
      <div className={classes.messageHead}>
        {role === "tool" ? (
          <Text size="xs" fw={600} style={{ marginInlineEnd: "auto" }}>
            {t("role.tool")}
          </Text>
        ) : (
          <NativeSelect
            className={classes.role}
            size="xs"
            aria-label={t("roleOf")}
            value={role}
            data={ROLES.map((one) => ({ value: one, label: t(`role.${one}`) }))}
            onChange={(event) => actions.role(id, event.currentTarget.value as Role)}
          />
        )}
        {!running && (
          <>
            {message.text && <CopyButton text={message.text} label={t("act.copy")} />}
            {role !== "tool" && (
              <Act label={t("act.edit")} onClick={() => setEditing(true)}>
                <IconPencil size={14} />
              </Act>
            )}
            {role === "assistant" && (
              <Act label={t("act.regenerate")} onClick={() => actions.regenerate(id)}>
                <IconRefresh size={14} />
              </Act>
            )}
            <Act label={t("act.delete")} onClick={() => actions.remove(id)}>
              <IconTrash size={14} />
            </Act>
          </>
        )}
      </div>
      {editing ? <Editor message={message} actions={actions} onClose={() => setEditing(false)} /> : <Content message={message} running={running} last={last} actions={actions} />}
    </article>
  )
})

function Editor({ message: { id, role, text }, actions, onClose }: Pick<Props, "message" | "actions"> & { onClose: () => void }) {
  const { t } = useTranslation("playground")
  const [typed, setTyped] = useState(text)
  const act = (run: (id: string, text: string) => void) => () => {
    run(id, typed)
    onClose()
  }
  return (
    <Stack gap="xs">
      <Textarea aria-label={t("act.edit")} className={classes.growing} autoFocus value={typed} onChange={(event) => setTyped(event.currentTarget.value)} onKeyDown={(event) => event.key === "Escape" && onClose()} />
      <Group gap="xs">
        {role !== "assistant" && (
          <Button size="xs" onClick={act(actions.resend)}>
            {t("act.resend")}
          </Button>
        )}
        <Button size="xs" variant={role === "assistant" ? "filled" : "default"} onClick={act(actions.edit)}>
          {t("common:action.save")}
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          {t("common:action.cancel")}
        </Button>
      </Group>
    </Stack>
  )
}

function Content({ message, running, last, actions }: Props) {
  const { t } = useTranslation("playground")
  const { role, text, images, reasoning, calls, results, facts, fault, stopped } = message
  const waiting = running && !text && !reasoning && !calls
  return (
    <>
      {reasoning && (
        <details className={classes.reasoning} open={running && !text ? true : undefined}>
          <summary>{t("reasoning")}</summary>
          <div className={classes.said}>{reasoning}</div>
        </details>
      )}
      {text && (role === "assistant" ? <Prose text={text} /> : <div className={classes.said}>{text}</div>)}
      {images && (
        <ul className={classes.pictures} aria-label={t("images.list")}>
          {images.map(({ name, mediaType, data }, index) => (
            <li key={index}>
              <img src={dataUrl(mediaType, data)} alt={name} />
            </li>
          ))}
        </ul>
      )}
      {waiting && (
        <Text size="sm" className="dim" role="status">
          {t("waiting")}
        </Text>
      )}
      {calls && <Calls message={message} open={last && !running} onSend={(typed) => actions.results(message, typed)} />}
      {results && <Results results={results} />}
      {fault && (
        <Alert color="red" variant="light" role="alert" title={fault.status ? t("fault.status", { status: fault.status }) : t("fault.broken")}>
          <Stack gap={6} align="flex-start">
            <Text size="sm">{fault.text || t("fault.cut")}</Text>
            {facts?.requestId && (
              <Anchor component={Link} to={`/requests?open=${facts.requestId}` as never} size="sm" className="mono" inherit={false} underline="always">
                {facts.requestId}
              </Anchor>
            )}
            <Button size="xs" variant="default" onClick={() => actions.regenerate(message.id)}>
              {t("common:action.retry")}
            </Button>
          </Stack>
        </Alert>
      )}
      {facts && !running && <FactsLine facts={facts} stopped={stopped} onInspect={() => actions.inspect(message.id)} />}
    </>
  )
}
