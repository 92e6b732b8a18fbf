/** Which part of the profile is open; the first one needs no word in the address. */
export const TABS = ["account", "security", "appearance", "notifications"] as const
export type Tab = (typeof TABS)[number]

export interface Search {
  tab?: Exclude<Tab, "account">
}

export function searchOf(given: Record<string, unknown>): Search {
  const tab = TABS.find((one) => one === given.tab)
  return tab && tab !== "account" ? { tab } : {}
}
