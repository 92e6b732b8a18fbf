/** The sections of a channel, one under the other, over one draft. */
import { Stack } from "@mantine/core"
import { useState } from "react"
import type { Channel, Provider } from "../api"
import classes from "../channels.module.css"
import { useLack } from "../rights"
import { Basics, checkBasics } from "./basics"
import { checkCredentials, Credentials } from "./credentials"
import { changes, type Draft, type Faults, type Field } from "./draft"
import { checkModels, Models } from "./models"
import { checkNetwork, Network } from "./network"
import { checkOverrides, Overrides } from "./overrides"
import { checkRouting, Routing } from "./routing"
import { useVerification } from "./verify"

export interface DraftState {
  draft: Draft
  before: Draft
  changed: Field[]
  faults: Faults
  /** Grows with every reset: rows of pairs begin anew. */
  version: number
  set: (change: Partial<Draft>) => void
  /** True when nothing is wrong; faults are shown from then on. */
  check: (provider: Provider | undefined, isNew: boolean) => boolean
  reset: (to?: Draft) => void
}

export function faultsOf(draft: Draft, provider: Provider | undefined, isNew: boolean): Faults {
  return { ...checkBasics(draft), ...checkCredentials(draft, provider, isNew), ...checkModels(draft), ...checkRouting(draft), ...checkOverrides(draft), ...checkNetwork(draft) }
}

export function useDraft(start: Draft): DraftState {
  const [before, setBefore] = useState(start)
  const [draft, setDraft] = useState(start)
  const [faults, setFaults] = useState<Faults>({})
  const [version, setVersion] = useState(0)
  return {
    draft,
    before,
    changed: changes(before, draft),
    faults,
    version,
    set: (change) => {
      setDraft((now) => ({ ...now, ...change }))
      // What is being changed is judged again when it is saved.
      setFaults((now) => Object.fromEntries(Object.entries(now).filter(([field]) => !(field in change))))
    },
    check: (provider, isNew) => {
      const found = faultsOf(draft, provider, isNew)
      setFaults(found)
      return Object.keys(found).length === 0
    },
    reset: (to = before) => {
      setBefore(to)
      setDraft(to)
      setFaults({})
      setVersion((now) => now + 1)
    },
  }
}

interface Props {
  state: DraftState
  provider: Provider | undefined
  channel?: Channel
  /** What is typed while the draft is being saved would be lost to what comes back. */
  saving: boolean
}

export function Sections({ state, provider, channel, saving }: Props) {
  const { draft, set, faults, version } = state
  const lack = useLack("write")
  const lackSensitive = useLack("sensitive_write")
  const verification = useVerification(draft, set, provider, channel)
  const given = { draft, set, faults, provider, channel, lackSensitive }
  return (
    <fieldset className={classes.section} disabled={saving}>
      <Stack key={version}>
        {channel && <Basics {...given} lack={lack} />}
        <Credentials {...given} verification={verification} />
        <Models {...given} lack={lack} offered={verification.offered} />
        {!channel && <Basics {...given} lack={lack} />}
        <Routing {...given} lack={lack} />
        <Overrides {...given} />
        <Network {...given} />
      </Stack>
    </fieldset>
  )
}
