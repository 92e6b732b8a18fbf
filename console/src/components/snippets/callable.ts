/** Which models a key can call, and which of them a sample is made with. */
import { queryOptions } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"

export type Callable = components["schemas"]["CallableModel"]

const TALKS = new Set(["openai", "openai-response", "anthropic", "gemini"])
const OTHER_KINDS = /embed|rerank|whisper|tts|transcribe|audio|realtime|dall-e|image|imagen|sora|veo|moderation/i

/** Models served to the caller in a group; the empty group is the caller's own. */
export const callableQuery = (group: string) =>
  queryOptions({
    queryKey: ["models", "callable", group],
    queryFn: () => take(api.GET("/api/console/callable", { params: { query: { group } } })),
  })

/** The models that answer a question and are not refused for want of a price, of those in `limits` if it names any. */
export function answering(models: Callable[], limits: string[] = []): string[] {
  return models
    .filter(({ name, priced, endpoints }) => priced && endpoints.some((one) => TALKS.has(one)) && !OTHER_KINDS.test(name))
    .map(({ name }) => name)
    .filter((name) => limits.length === 0 || limits.includes(name))
}
