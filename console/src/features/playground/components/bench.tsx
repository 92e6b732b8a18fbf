/** Which key, its models, and the conversation that is open; makes a new one when none is. */
import { useDisclosure, useLocalStorage } from "@mantine/hooks"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { Page } from "@/components/layout/page"
import { Sheet } from "@/components/ui/sheet"
import { SkeletonRows } from "@/components/ui/states"
import { useModels, type NamedKey } from "../api"
import type { PlaygroundSearch } from "../search"
import { DIALECTS, type DialectName } from "../types"
import type { State, Workspace } from "../workspace"
import { Desk } from "./desk"
import { Kept } from "./kept"

export interface Search {
  search: PlaygroundSearch
  go: (next: PlaygroundSearch) => void
}

interface Props extends Search {
  keys: NamedKey[]
  workspace: Workspace
  state: State
}

/** The model and dialect that a new conversation begins with: asked for, else used last, else the first. */
function useBeginning(models: string[] | undefined, wanted: string | undefined) {
  const [last, setLast] = useLocalStorage<{ dialect: DialectName; model: string }>({ key: "faregate.playground.last", defaultValue: { dialect: DIALECTS[0], model: "" }, getInitialValueInEffect: false })
  const model = [wanted, last.model].find((one) => one && models?.includes(one)) ?? models?.[0] ?? ""
  return { beginning: { dialect: last.dialect, model }, setLast }
}

export function Bench({ keys, workspace, state, search, go }: Props) {
  const { t } = useTranslation("playground")
  const [listing, list] = useDisclosure(false)
  const [chosen, setChosen] = useLocalStorage<number>({ key: "faregate.playground.key", defaultValue: 0, getInitialValueInEffect: false })
  const keyId = keys.find(({ id }) => id === chosen)?.id ?? keys[0]?.id ?? 0
  const offered = useModels(keyId)
  const models = offered.data?.map(({ name }) => name)
  const { beginning, setLast } = useBeginning(models, search.model)
  const conversation = search.conversation ? state.all[search.conversation] : undefined
  const settled = !offered.isPending
  const start = (parameters = conversation?.parameters) => go({ tab: search.tab, conversation: workspace.create(beginning, parameters).id })
  useEffect(() => {
    if (settled && !conversation) start()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each time that no conversation is open
  }, [settled, conversation === undefined])
  const unnamed = conversation?.lanes.some(({ model }) => !model) ? conversation.id : undefined
  useEffect(() => {
    if (unnamed && beginning.model) workspace.change(unnamed, (one) => ({ ...one, lanes: one.lanes.map((lane) => ({ ...lane, model: lane.model || beginning.model })) }))
  }, [unnamed, beginning.model, workspace])
  return (
    <>
      {conversation ? (
        <Desk
          key={conversation.id}
          conversation={conversation}
          workspace={workspace}
          state={state}
          keys={keys}
          keyId={keyId}
          onKey={setChosen}
          offered={offered}
          onUsed={setLast}
          onNew={() => start()}
          onList={list.open}
          search={search}
          go={go}
        />
      ) : (
        <Page title={t("common:nav.playground")}>
          <SkeletonRows />
        </Page>
      )}
      <Sheet opened={listing} onClose={list.close} title={t("kept.title")} size={420}>
        <Kept
          workspace={workspace}
          state={state}
          current={conversation?.id}
          onOpen={(id) => {
            list.close()
            go({ ...search, conversation: id })
          }}
        />
      </Sheet>
    </>
  )
}
