/** One model's side: its dialect and model, and the thread. */
import { ActionIcon, NativeSelect, Select, Text } from "@mantine/core"
import { IconX } from "@tabler/icons-react"
import { useEffect, useMemo, useRef } from "react"
import { useTranslation } from "react-i18next"
import type { OfferedModel } from "../api"
import { newId, resultsFor, upTo, withLane, withMessage, without } from "../conversation"
import { DIALECT } from "../dialects"
import classes from "../playground.module.css"
import { DIALECTS, type DialectName, type Lane, type Message } from "../types"
import type { Workspace } from "../workspace"
import { MessageView, type MessageActions } from "./message-view"

const NEAR_END_PX = 80

interface Props {
  index: number
  lane: Lane
  conversation: string
  workspace: Workspace
  running: ReadonlySet<string>
  models: OfferedModel[] | undefined
  alone: boolean
  answer: (index: number) => Promise<void>
  inspect: (index: number, messageId: string) => void
}

/** What can be done with a message; the same object until the lane is another one. */
function useActions({ index, conversation, workspace, answer, inspect }: Props): MessageActions {
  const latest = useRef({ answer, inspect })
  useEffect(() => {
    latest.current = { answer, inspect }
  })
  return useMemo(() => {
    const change = (make: (lane: Lane) => Lane) => workspace.change(conversation, (one) => withLane(one, index, make))
    const again = (make: (lane: Lane) => Lane) => {
      change(make)
      void latest.current.answer(index)
    }
    return {
      edit: (id, text) => change((lane) => withMessage(lane, id, { text })),
      resend: (id, text) => again((lane) => upTo(withMessage(lane, id, { text }), id, true)),
      regenerate: (id) => again((lane) => upTo(lane, id, false)),
      remove: (id) => change((lane) => without(lane, id)),
      role: (id, role) => change((lane) => withMessage(lane, id, { role })),
      results: (message: Message, typed) => again((lane) => ({ ...lane, messages: [...lane.messages, { id: newId(), role: "tool", text: "", results: resultsFor(message, typed) }] })),
      inspect: (id) => latest.current.inspect(index, id),
    }
  }, [index, conversation, workspace])
}

export function LaneView(props: Props) {
  const { index, lane, conversation, workspace, running, models, alone } = props
  const { t } = useTranslation("playground")
  const actions = useActions(props)
  const thread = useRef<HTMLDivElement>(null)
  const change = (more: Partial<Lane>) => workspace.change(conversation, (one) => withLane(one, index, (now) => ({ ...now, ...more })))
  useEffect(() => {
    const box = thread.current
    if (box && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX + box.clientHeight / 2) box.scrollTop = box.scrollHeight
  }, [lane.messages])
  const names = models?.map(({ name }) => name) ?? []
  const name = alone ? t("thread") : t("threadOf", { number: index + 1 })
  return (
    <section className={classes.lane} aria-label={name}>
      <div className={classes.laneHead}>
        <NativeSelect
          size="xs"
          aria-label={t("dialect")}
          value={lane.dialect}
          data={DIALECTS.map((dialect) => ({ value: dialect, label: DIALECT[dialect].label }))}
          onChange={(event) => change({ dialect: event.currentTarget.value as DialectName })}
        />
        <Select
          size="xs"
          aria-label={t("model")}
          placeholder={t("model")}
          searchable
          value={lane.model || null}
          data={lane.model && !names.includes(lane.model) ? [lane.model, ...names] : names}
          nothingFoundMessage={t("modelNone")}
          onChange={(model) => model && change({ model })}
          allowDeselect={false}
        />
        {!alone && (
          <ActionIcon variant="subtle" color="gray" aria-label={t("compareEnd", { model: lane.model })} onClick={() => workspace.change(conversation, (one) => ({ ...one, lanes: one.lanes.toSpliced(index, 1) }))}>
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      {/* What scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={thread} className={classes.thread} tabIndex={0} role="group" aria-label={t("messages")}>
        {lane.messages.length === 0 && (
          <Text className="dim" ta="center" py={48}>
            {t("threadEmpty")}
          </Text>
        )}
        {lane.messages.map((message, place) => (
          <MessageView key={message.id} message={message} running={running.has(message.id)} last={place === lane.messages.length - 1} actions={actions} />
        ))}
      </div>
    </section>
  )
}
