/** One conversation on the table: lanes with their threads, the composer, the inspector. */
import { useDisclosure, useMediaQuery } from "@mantine/hooks"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { EmptyState, ErrorState } from "@/components/ui/states"
import { secretOf, type NamedKey, type useModels } from "../api"
import { awaits, compared, newId } from "../conversation"
import { less } from "../json"
import { obstacle } from "../request"
import classes from "../playground.module.css"
import type { Conversation, Image, Lane, Message } from "../types"
import type { State, Workspace } from "../workspace"
import type { Search } from "./bench"
import { Bar } from "./bar"
import { Composer } from "./composer"
import { Inspector } from "./inspector"
import { LaneView } from "./lane-view"

export interface Draft {
  text: string
  images: Image[]
}

interface Props extends Search {
  conversation: Conversation
  workspace: Workspace
  state: State
  keys: NamedKey[]
  keyId: number
  onKey: (id: number) => void
  offered: ReturnType<typeof useModels>
  onUsed: (lane: Pick<Lane, "dialect" | "model">) => void
  onNew: () => void
  onList: () => void
}

const NO_DRAFT: Draft = { text: "", images: [] }
const WIDE = "(min-width: 1200px)"

function messageOf({ text, images }: Draft): Message | null {
  return text.trim() || images.length ? { id: newId(), role: "user", text, ...(images.length ? { images } : {}) } : null
}

/** The lane as it will be when the draft is sent. */
const withDraft = (lane: Lane, said: Message | null): Lane => (said ? { ...lane, messages: [...lane.messages, said] } : lane)

export function Desk(props: Props) {
  const { conversation, workspace, state, keys, keyId, onKey, offered, onUsed, onNew, onList, search, go } = props
  const { t } = useTranslation("playground")
  const { id, lanes, parameters } = conversation
  const wide = useMediaQuery(WIDE, undefined, { getInitialValueInEffect: false })
  const [inspecting, inspector] = useDisclosure(false)
  const [draft, setDraft] = useState(NO_DRAFT)
  const [active, setActive] = useState(0)
  const [detached, setDetached] = useState<Record<number, string>>({})
  const [seen, setSeen] = useState<string | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const said = useMemo(() => messageOf(draft), [draft])
  const running = lanes.flatMap(({ messages }) => messages.filter((message) => state.running.has(message.id)))
  const at = Math.min(active, lanes.length - 1)
  const lane = lanes[at]

  const answer = async (index: number) => {
    setFailure(null)
    setSeen(null)
    onUsed({ dialect: lanes[0]?.dialect ?? "openai_chat", model: lanes[0]?.model ?? "" })
    try {
      await workspace.answer(id, index, () => secretOf(keyId), detached[index])
    } catch (reason) {
      setFailure(reason)
    }
  }
  const submit = () => {
    if (said) workspace.change(id, (one) => ({ ...one, lanes: one.lanes.map((each) => withDraft(each, { ...said, id: newId() })) }))
    setDraft(NO_DRAFT)
    lanes.forEach((each, index) => {
      if (said || awaits(each) || detached[index] !== undefined) void answer(index)
    })
  }
  const inspect = (index: number, messageId: string) => {
    setActive(index)
    setSeen(messageId)
    go({ ...search, tab: "response" })
    if (!wide) inspector.open()
  }
  const panel = lane && (
    <Inspector
      lanes={lanes}
      at={at}
      onLane={setActive}
      previewed={withDraft(lane, said)}
      parameters={parameters}
      onParameters={(next) => workspace.change(id, (one) => ({ ...one, parameters: next }))}
      detached={detached[at]}
      onDetached={(json) => setDetached((before) => (json === undefined ? less(before, at) : { ...before, [at]: json }))}
      exchange={state.exchanges[seen ?? lane.messages.findLast(({ role }) => role === "assistant")?.id ?? ""]}
      tab={search.tab ?? "parameters"}
      onTab={(tab) => go({ ...search, tab })}
    />
  )
  return (
    <div className={classes.root}>
      <div className={classes.main}>
        <Bar
          keys={keys}
          keyId={keyId}
          onKey={onKey}
          onNew={onNew}
          onCompare={lanes.length === 1 ? () => workspace.change(id, (one) => compared(one, one.lanes[0]?.model ?? "")) : undefined}
          onList={onList}
          onInspector={wide ? undefined : inspector.open}
        />
        {state.failure !== null && <ErrorState error={state.failure} />}
        {offered.error ? (
          <div className={classes.thread}>
            <ErrorState error={offered.error} retry={() => void offered.refetch()} />
          </div>
        ) : offered.data?.length === 0 ? (
          <div className={classes.thread}>
            <EmptyState title={t("noModel.title")} text={t("noModel.text")} />
          </div>
        ) : (
          <div className={classes.lanes} data-two={lanes.length > 1 || undefined}>
            {lanes.map((each, index) => (
              <LaneView
                key={index}
                index={index}
                lane={each}
                conversation={id}
                workspace={workspace}
                running={state.running}
                models={offered.data}
                alone={lanes.length === 1}
                answer={answer}
                inspect={inspect}
              />
            ))}
          </div>
        )}
        {failure !== null && <ErrorState error={failure} retry={() => void lanes.forEach((each, index) => awaits(each) && void answer(index))} />}
        <Composer
          draft={draft}
          onDraft={setDraft}
          onSend={submit}
          onStop={running.length ? () => running.forEach((message) => workspace.stop(message.id)) : undefined}
          ready={said !== null || lanes.some(awaits) || Object.keys(detached).length > 0}
          obstacle={offered.data?.length ? (obstacle(parameters) ?? (lanes.some(({ model }) => !model) ? "model" : null)) : "model"}
          detached={Object.keys(detached).length > 0}
        />
      </div>
      {wide ? (
        <aside className={classes.inspector} aria-label={t("inspector.title")}>
          {panel}
        </aside>
      ) : (
        <Sheet opened={inspecting} onClose={inspector.close} title={t("inspector.title")}>
          {panel}
        </Sheet>
      )}
    </div>
  )
}
