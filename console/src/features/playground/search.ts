/** What the playground's address says. Apart from the page, so that the router knows it without loading the page. */
export const TABS = ["parameters", "request", "response", "code"] as const
export type Tab = (typeof TABS)[number]

/** The opened conversation, the inspector's tab, the model to begin with. */
export interface PlaygroundSearch {
  conversation?: string
  tab?: Tab
  model?: string
}

const word = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined)

export function searchOf({ conversation, tab, model }: Record<string, unknown>): PlaygroundSearch {
  return { conversation: word(conversation), tab: TABS.find((one) => one === tab), model: word(model) }
}
