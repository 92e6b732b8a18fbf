/** One's own account on the server. */
import { useQuery } from "@tanstack/react-query"
import type { components } from "@/api/schema"
import { api, take } from "@/lib/http"
import { touched } from "@/lib/query"
import { session, type Self } from "@/lib/session"

export type SessionView = components["schemas"]["SessionView"]
export type Preferences = components["schemas"]["Preferences"]
type Bearer = components["schemas"]["Bearer"]

/** The account as it is now; what the frame shows follows it. */
export function useAccount() {
  return useQuery({
    queryKey: ["self"],
    queryFn: async (): Promise<Self> => {
      const found = await take(api.GET("/api/user/self"))
      session.update(found)
      return found
    },
  })
}

const nothing = { username: "", display_name: "", password: "", original_password: "" }

export async function rename(username: string, displayName: string): Promise<void> {
  await take(api.PUT("/api/user/self", { body: { ...nothing, username, display_name: displayName } }))
  await touched("self")
}

export async function speak(language: string): Promise<void> {
  await take(api.PUT("/api/user/self", { body: { ...nothing, language } }))
}

/** A new password ends all other sessions; this one goes on with the token that is answered. */
export async function changePassword(original: string, password: string): Promise<void> {
  const answer = (await take(api.PUT("/api/user/self", { body: { ...nothing, original_password: original, password } }))) as Bearer | null | undefined
  if (answer && session.user) session.adopt({ ...answer, user: session.user })
  await touched("sessions")
}

export function useSessions() {
  return useQuery({ queryKey: ["sessions"], queryFn: () => take(api.GET("/api/user/sessions")) })
}

export async function endSession(sid: string): Promise<void> {
  await take(api.DELETE("/api/user/sessions/{sid}", { params: { path: { sid } } }))
  await touched("sessions")
}

export async function endOthers(): Promise<void> {
  await take(api.POST("/api/user/sessions/revoke-others"))
  await touched("sessions")
}

/** A personal access token; the former one ends. */
export async function newToken(): Promise<string> {
  return take(api.GET("/api/user/token"))
}

export async function savePreferences(body: Preferences): Promise<void> {
  await take(api.PUT("/api/user/setting", { body }))
  await touched("self")
}
