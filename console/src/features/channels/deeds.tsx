/** The writes of a list, with their questions and their failures told in one place: above the list. */
import { createContext, useContext, useState, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { useConfirm } from "@/components/ui/confirm"
import { ErrorState } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { useCopy, useRemove, useRemoveDisabled, useRemoveSeveral, useSetTag, useSwitch, useSwitchTag } from "./api"

export interface Named {
  id: number
  name: string
}

interface Deeds {
  turn: (rows: Named[], on: boolean) => void
  turnTag: (tag: string, on: boolean) => void
  remove: (rows: Named[], then?: () => void) => void
  removeDisabled: () => void
  tag: (rows: Named[], tag: string) => Promise<unknown>
  copy: (given: { id: number; suffix: string }) => Promise<{ id: number } | undefined>
  attempt: (act: Promise<unknown>) => void
}

const Context = createContext<Deeds | null>(null)

export function useDeeds(): Deeds {
  const found = useContext(Context)
  if (!found) throw new Error("no deeds around")
  return found
}

/** Gives its children the writes, and shows what fails. */
export function WithDeeds({ children }: { children: ReactNode }) {
  const { t } = useTranslation("channels")
  const [dialog, ask] = useConfirm()
  const [failure, setFailure] = useState<unknown>(null)
  const turn = useSwitch()
  const turnTag = useSwitchTag()
  const remove = useRemove()
  const removeSeveral = useRemoveSeveral()
  const removeDisabled = useRemoveDisabled()
  const tag = useSetTag()
  const copy = useCopy()
  const told = async <Got,>(act: Promise<Got>, then?: (got: Got) => void): Promise<Got | undefined> => {
    setFailure(null)
    try {
      const got = await act
      then?.(got)
      return got
    } catch (reason) {
      setFailure(reason)
      return undefined
    }
  }
  const whom = (rows: Named[]) => (rows.length === 1 ? t("whom.one", { name: rows[0]?.name }) : t("whom.several", { count: rows.length }))
  const deeds: Deeds = {
    turn: (rows, on) => void told(turn.mutateAsync({ ids: rows.map(({ id }) => id), on }), () => done(t(on ? "done.on" : "done.off", { whom: whom(rows) }))),
    turnTag: (name, on) => void told(turnTag.mutateAsync({ tag: name, on }), () => done(t(on ? "done.tagOn" : "done.tagOff", { tag: name }))),
    remove: (rows, then) =>
      ask({
        title: t("remove.title", { whom: whom(rows) }),
        text: rows.length === 1 ? t("remove.text") : t("remove.texts", { names: rows.map(({ name }) => name).join(", ") }),
        act: t("deed.delete"),
        run: async () => {
          const [first] = rows
          await (rows.length === 1 && first ? remove.mutateAsync(first.id) : removeSeveral.mutateAsync(rows.map(({ id }) => id)))
          done(t("done.removed", { whom: whom(rows) }))
          then?.()
        },
      }),
    removeDisabled: () =>
      ask({
        title: t("removeDisabled.title"),
        text: t("removeDisabled.text"),
        act: t("deed.delete"),
        run: async () => done(t("done.removedDisabled", { count: await removeDisabled.mutateAsync(undefined) })),
      }),
    tag: (rows, name) => told(tag.mutateAsync({ ids: rows.map(({ id }) => id), tag: name }), () => done(t(name ? "done.tagged" : "done.untagged", { whom: whom(rows), tag: name }))),
    copy: (given) => told(copy.mutateAsync(given)),
    attempt: (act) => void told(act),
  }
  return (
    <Context.Provider value={deeds}>
      {failure !== null && <ErrorState error={failure} />}
      {children}
      {dialog}
    </Context.Provider>
  )
}
