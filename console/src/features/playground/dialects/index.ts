/** The four dialects by name. */
import type { DialectName } from "../types"
import { anthropic } from "./anthropic"
import type { Dialect } from "./dialect"
import { gemini } from "./gemini"
import { openaiChat } from "./openai-chat"
import { openaiResponses } from "./openai-responses"

export { USUAL_MAX_TOKENS } from "./anthropic"
export type { Dialect, Knob } from "./dialect"

export const DIALECT: Record<DialectName, Dialect> = { openai_chat: openaiChat, openai_responses: openaiResponses, anthropic, gemini }
