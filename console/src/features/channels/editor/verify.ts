/** Verifying credentials: the provider is asked for its models before anything is saved. */
import { useState } from "react"
import { fetchModels, useKnownModels, type Channel, type Provider } from "../api"
import { object, type Draft } from "./draft"

export interface Verification {
  offered: string[] | null
  preselected: number
  isAsking: boolean
  failure: unknown
  /** True when the saved key may not be sent to what the form says now. */
  needsKey: boolean
  ask: () => void
}

/** What to preselect of `offered`: the models known for this provider, or all where none of them is known. */
export function suggested(offered: string[], known: string[]): string[] {
  const current = offered.filter((name) => known.includes(name))
  return current.length > 0 ? current : offered
}

export function useVerification(draft: Draft, set: (change: Partial<Draft>) => void, provider: Provider | undefined, channel: Channel | undefined): Verification {
  const known = useKnownModels().data
  const [offered, setOffered] = useState<string[] | null>(null)
  const [preselected, setPreselected] = useState(0)
  const [isAsking, setAsking] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const [needsKey, setNeedsKey] = useState(false)
  const isSaved = channel !== undefined && !draft.keys.trim() && draft.type === channel.type && draft.baseUrl === channel.base_url
  const go = async () => {
    const lacksKey = provider?.needs_key !== false && !draft.keys.trim() && !isSaved
    setNeedsKey(lacksKey)
    setFailure(null)
    if (lacksKey) return
    setAsking(true)
    try {
      const found = await fetchModels(
        isSaved
          ? { saved: channel.id }
          : {
              type: draft.type,
              key: draft.keys,
              base_url: draft.baseUrl.trim(),
              channel_id: 0,
              proxy: draft.proxy,
              header_override: object(draft.headerOverride),
              advanced_custom: draft.routes.trim() ? object(draft.routes) : null,
            },
      )
      setOffered(found)
      if (draft.models.length === 0) {
        const chosen = suggested(found, known?.[String(draft.type)] ?? [])
        setPreselected(chosen.length)
        set({ models: chosen })
      } else setPreselected(draft.models.filter((name) => found.includes(name)).length)
    } catch (reason) {
      setOffered(null)
      setFailure(reason)
    } finally {
      setAsking(false)
    }
  }
  return { offered, preselected, isAsking, failure, needsKey, ask: () => void go() }
}
