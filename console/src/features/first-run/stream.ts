/** Asks a model as any client would, and hands on its words as they come. */
import { ApiError } from "@/lib/http"

interface Chunk {
  choices?: { delta?: { content?: string | null } }[]
  error?: { message?: string }
}

/** The words of complete `data:` lines in `text`, and the line that is not complete yet. */
export function wordsOf(text: string): { words: string; rest: string } {
  const lines = text.split("\n")
  const rest = lines.pop() ?? ""
  let words = ""
  for (const line of lines) {
    const data = line.startsWith("data:") ? line.slice(5).trim() : ""
    if (!data || data === "[DONE]") continue
    const chunk = JSON.parse(data) as Chunk
    if (chunk.error) throw new ApiError(chunk.error.message ?? "", 400, "", "")
    words += chunk.choices?.[0]?.delta?.content ?? ""
  }
  return { words, rest }
}

export async function ask({ key, model, question, onWords }: { key: string; model: string; question: string; onWords: (words: string) => void }): Promise<void> {
  const answer = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: question }] }),
  })
  if (!answer.ok || !answer.body) {
    const body = (await answer.json().catch(() => ({}))) as Chunk
    throw new ApiError(body.error?.message ?? "", answer.status === 401 || answer.status === 403 ? 400 : answer.status, "", answer.headers.get("x-oneapi-request-id") ?? "")
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let kept = ""
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const { words, rest } = wordsOf(kept + read.value)
    kept = rest
    if (words) onWords(words)
  }
}
