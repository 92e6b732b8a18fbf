/** Live tests of channels: what is on its way and how the last one of this visit went. A result stays. */
import { useQuery } from "@tanstack/react-query"
import { api, ApiError } from "@/lib/http"
import { queryClient, touched } from "@/lib/query"

export interface Ask {
  model?: string
  endpoint?: string
  stream?: boolean
}

export interface Outcome {
  state: "running" | "passed" | "failed"
  ms: number
  message: string
  code: string
  at: number
  asked: Ask
}

const keyOf = (id: number) => ["channelTests", id]
const now = () => Math.floor(Date.now() / 1000)

function keep(id: number, outcome: Outcome): void {
  queryClient.setQueryData(keyOf(id), outcome)
}

/** The live test of a channel in this visit, if there was one. */
export function useOutcome(id: number): Outcome | undefined {
  return useQuery<Outcome>({ queryKey: keyOf(id), queryFn: () => Promise.reject(new Error("never asked")), enabled: false, gcTime: Infinity }).data
}

async function probe(id: number, asked: Ask): Promise<Outcome> {
  const query = { model: asked.model, endpoint_type: asked.endpoint, stream: asked.stream ? "true" : undefined }
  const { data, error, response } = await api.GET("/api/channel/test/{channel_id}", { params: { path: { channel_id: id }, query } })
  const told = data ?? (error as { message?: string } | undefined)
  if (!data) throw new ApiError(told?.message ?? "", response.status, "", "")
  return { state: data.success ? "passed" : "failed", ms: Math.round(data.time * 1000), message: data.message, code: data.error_code ?? "", at: now(), asked }
}

/** Tests a channel with a tiny real call; never throws, the outcome says what went wrong. */
export async function runTest(id: number, asked: Ask = {}): Promise<void> {
  keep(id, { state: "running", ms: 0, message: "", code: "", at: now(), asked })
  try {
    keep(id, await probe(id, asked))
  } catch (reason) {
    keep(id, { state: "failed", ms: 0, message: reason instanceof Error ? reason.message : String(reason), code: "", at: now(), asked })
  }
  await touched("channels", "requests")
}
