/** The providers a first channel is usually made of. */
export interface ProviderChoice {
  id: "sandbox" | "openai" | "anthropic" | "gemini" | "azure" | "compatible"
  /** The channel's type on the wire. */
  type: number
  /** The channel's name to begin with. */
  name: string
  needsKey: boolean
  needsAddress: boolean
}

const plain = { needsKey: true, needsAddress: false }

export const PROVIDERS: ProviderChoice[] = [
  { id: "sandbox", type: 1001, name: "Sandbox", needsKey: false, needsAddress: false },
  { id: "openai", type: 1, name: "OpenAI", ...plain },
  { id: "anthropic", type: 14, name: "Anthropic", ...plain },
  { id: "gemini", type: 24, name: "Gemini", ...plain },
  { id: "azure", type: 3, name: "Azure OpenAI", needsKey: true, needsAddress: true },
  { id: "compatible", type: 1, name: "OpenAI-compatible", needsKey: true, needsAddress: true },
]
