/** Saving a form: busy while it runs, what was refused in place, a word when it is done. */
import { useState, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { done } from "@/lib/notify"

interface Saving {
  busy: boolean
  failure: ReactNode
  save: (work: () => Promise<unknown>, said?: string) => Promise<void>
}

export function useSaving(): Saving {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const save = async (work: () => Promise<unknown>, said?: string) => {
    setBusy(true)
    setFailure(null)
    try {
      await work()
      done(said ?? t("state.saved"))
    } catch (reason) {
      setFailure(reason)
    }
    setBusy(false)
  }
  return { busy, failure: failure === null ? null : <ErrorState error={failure} />, save }
}
