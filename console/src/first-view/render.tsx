/** Build only: the first view of every page as HTML, which the gateway puts into the page before any script has come. */
import { createMemoryHistory, createRouter, RouterProvider } from "@tanstack/react-router"
import i18next from "i18next"
import { prerender } from "react-dom/static"
import type { Self } from "@/lib/session"
import { Providers } from "@/components/layout/providers"
import { visible } from "@/components/layout/navigation"
import { initLanguage, LANGUAGES, type Language } from "@/lib/i18n"
import { queryClient } from "@/lib/query"
import { ROLE_ADMIN, ROLE_ROOT, session } from "@/lib/session"
import { statusQuery, type Status } from "@/lib/status"
import { routeTree } from "../routeTree.gen"

/** What the gateway fills in when it serves a view. */
const MARKS = { nonce: "FAREGATE_NONCE", site: "FAREGATE_SITE", base: "FAREGATE_BASE", home: "FAREGATE_HOME" }
const ROLES = [1, ROLE_ADMIN, ROLE_ROOT]
const NAMESPACES = ["overview", "keys", "requests", "channels", "models", "users", "playground", "settings", "profile"]

/** Somebody of a role, of whom nothing else is known yet; a right that is missing shows as soon as it is. */
function enter(role: number): void {
  const channel = { operate: true, write: true, sensitive_write: true }
  const user = { id: 0, username: "…", display_name: "…", role, group: "", permissions: { admin_permissions: { channel } } } as unknown as Self
  session.adopt({ access_token: "", access_expires_at: Number.MAX_SAFE_INTEGER, user } as Parameters<typeof session.adopt>[0])
}

async function rendered(path: string): Promise<string> {
  const router = createRouter({ routeTree, history: createMemoryHistory({ initialEntries: [path] }) })
  await router.load()
  let failure: unknown = null
  const { prelude } = await prerender(
    <Providers nonce={MARKS.nonce}>
      <RouterProvider router={router} />
    </Providers>,
    { progressiveChunkSize: Number.MAX_SAFE_INTEGER, onError: (error) => void (failure ??= error) },
  )
  const html = await new Response(prelude).text()
  if (failure || !html.includes("<h1")) throw new Error(`${path} cannot be drawn`, { cause: failure })
  return html
}

function prepare(home: string): void {
  queryClient.clear()
  queryClient.setQueryData(statusQuery.queryKey, { system_name: MARKS.site, server_address: MARKS.base, setup: true } as Status)
  queryClient.setQueryData(["home"], home)
}

/** HTML by `<page>.<role>.<language>`; role 0 has not signed in. */
export async function views(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const language of Object.keys(LANGUAGES) as Language[]) {
    if (!i18next.isInitialized) await initLanguage(language)
    await i18next.changeLanguage(language)
    await i18next.loadNamespaces(NAMESPACES)
    session.forget()
    prepare("")
    found[`sign-in.0.${language}`] = await rendered("/sign-in")
    for (const role of [0, ...ROLES]) {
      if (role) enter(role)
      prepare("")
      found[`home.${role}.${language}`] = await rendered("/")
      prepare(MARKS.home)
      found[`home-written.${role}.${language}`] = await rendered("/")
    }
    for (const role of ROLES) {
      enter(role)
      prepare("")
      for (const { to } of visible(role).flatMap(({ places }) => places)) found[`${to.slice(1)}.${role}.${language}`] = await rendered(to)
    }
  }
  return found
}
