/** The settings of a channel, edited in place. */
import { useTranslation } from "react-i18next"
import { useRef } from "react"
import { done } from "@/lib/notify"
import { useEdit, useProviders, type Channel } from "../api"
import { draftOf, editOf } from "../editor/draft"
import { Sections, useDraft } from "../editor/form"
import { LeaveGuard, SaveBar } from "../editor/save-bar"
import { useLack } from "../rights"

export function Settings({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels")
  const lack = useLack("write")
  const providers = useProviders().data
  const edit = useEdit()
  const base = useRef(channel)
  const state = useDraft(draftOf(channel))
  const isDirty = state.changed.length > 0
  // Newer facts replace the form only where nobody is typing.
  if (base.current !== channel && !isDirty && !edit.isPending) {
    base.current = channel
    if (JSON.stringify(draftOf(channel)) !== JSON.stringify(state.before)) state.reset(draftOf(channel))
  }
  const provider = providers?.find(({ type }) => type === state.draft.type)
  const save = async () => {
    if (!state.check(provider, false)) return
    const saved = await edit.mutateAsync(editOf(base.current, state.before, state.draft)).catch(() => undefined)
    if (!saved) return
    state.reset(draftOf(saved))
    done(t("save.done", { name: saved.name }))
  }
  return (
    <>
      <Sections state={state} provider={provider} channel={channel} saving={edit.isPending} />
      {!lack && (
        <SaveBar
          count={state.changed.length}
          faults={Object.keys(state.faults).length}
          saving={edit.isPending}
          failure={edit.error}
          act={t("common:action.save")}
          save={() => void save()}
          discard={() => {
            state.reset()
            edit.reset()
          }}
        />
      )}
      <LeaveGuard dirty={isDirty} isLeaving={() => false} />
    </>
  )
}
