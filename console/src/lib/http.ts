/** The management API: one typed client, envelopes taken apart, every refusal an `ApiError`. */
import createClient, { type Middleware } from "openapi-fetch"
import type { paths } from "@/api/schema"
import { RenewalFailed, session } from "@/lib/session"

/** What the server refused, in its own words. `requestId` finds the call in the server's log. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly requestId: string,
  ) {
    super(message)
    this.name = "ApiError"
  }
}

/** What anybody may read: it does not wait for a session to be renewed. */
const PUBLIC = /^\/api\/(status|notice|home_page_content|setup)$|^\/api\/user\/auth\//

const authorized: Middleware = {
  async onRequest({ request, schemaPath }) {
    const token = PUBLIC.test(schemaPath) ? "" : await session.token()
    if (token) request.headers.set("Authorization", `Bearer ${token}`)
    return request
  },
}

export const api = createClient<paths>({ baseUrl: location.origin })
api.use(authorized)

interface Answer {
  data?: unknown
  error?: unknown
  response: Response
}

type Payload<A> = A extends { data: infer Body } ? (Body extends { data: infer Data } ? Data : undefined) : never

/** The `data` of an answer's envelope. Throws ApiError for a refusal, whatever its status. */
export async function take<A extends Answer>(call: Promise<A>): Promise<Payload<A>> {
  const { data, error, response } = await call.catch((reason: unknown) => {
    if (reason instanceof RenewalFailed) throw new ApiError(reason.message, reason.status, "renewal", "")
    throw new ApiError(reason instanceof Error ? reason.message : String(reason), 0, "network", "")
  })
  const body = (data ?? error) as { success?: boolean; message?: string; code?: string; data?: unknown } | undefined
  if (response.ok && body?.success !== false) return body?.data as Payload<A>
  if (response.status === 401) session.forget()
  throw new ApiError(body?.message ?? "", response.status, body?.code ?? "", response.headers.get("x-oneapi-request-id") ?? "")
}
