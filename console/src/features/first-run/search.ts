/** Where set-up is, kept in the address so that a reload goes on there. */
export const STEPS = ["account", "use", "channel", "ask"] as const
export type Step = (typeof STEPS)[number]

export interface Search {
  step?: Step
  /** The key that was made. */
  key?: number
}

export function searchOf(given: Record<string, unknown>): Search {
  const step = STEPS.find((one) => one === given.step)
  const key = Number(given.key)
  return { ...(step && { step }), ...(Number.isInteger(key) && key > 0 && { key }) }
}
