/** Switching keys and deleting them. What was refused stays on the page until it is closed. */
import { useState, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { useConfirm } from "@/components/ui/confirm"
import { done } from "@/lib/notify"
import { remove, switchKeys, type Key } from "./api"

export interface Actions {
  dialog: ReactNode
  failure: unknown
  clear: () => void
  switchTo: (keys: Key[], on: boolean) => Promise<void>
  /** Asks first; `then` runs once they are gone. */
  askToDelete: (keys: Key[], then?: () => void) => void
}

const NAMED = 5

export function useActions(): Actions {
  const { t } = useTranslation("keys")
  const [dialog, ask] = useConfirm()
  const [failure, setFailure] = useState<unknown>(null)
  const switchTo = async (keys: Key[], on: boolean) => {
    setFailure(null)
    try {
      const { changed, refused } = await switchKeys(keys.map(({ id }) => id), on)
      if (changed) done(t(on ? "done.on" : "done.off", { count: changed }))
      if (refused.length) setFailure(new Error(t("refused", { names: refused.join(", ") })))
    } catch (reason) {
      setFailure(reason)
    }
  }
  const askToDelete = (keys: Key[], then?: () => void) => {
    const names = keys.slice(0, NAMED).map(({ name, hint }) => name || hint).join(", ")
    ask({
      title: t("delete.title", { count: keys.length, name: names }),
      text: keys.length > NAMED ? t("delete.more", { names, count: keys.length - NAMED }) : t("delete.text", { names }),
      act: t("common:action.delete"),
      run: async () => {
        await remove(keys.map(({ id }) => id))
        done(t("done.deleted", { count: keys.length }))
        then?.()
      },
    })
  }
  return { dialog, failure, clear: () => setFailure(null), switchTo, askToDelete }
}
