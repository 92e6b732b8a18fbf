import "./styles/base"
import { createRouter, RouterProvider } from "@tanstack/react-router"
import { setNonce } from "get-nonce"
import { StrictMode, useEffect } from "react"
import { createRoot } from "react-dom/client"
import { Providers } from "@/components/layout/providers"
import { Broken, NotFound, Waiting } from "@/components/layout/page-states"
import { keepTyped, rememberView } from "@/lib/first-view"
import { loadStrings, startLanguage } from "@/lib/i18n"
import { routeTree } from "./routeTree.gen"

const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPreloadDelay: 30,
  defaultPendingComponent: Waiting,
  defaultPendingMs: 150,
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ""
setNonce(nonce)

/** What the gateway drew has been replaced: the page does what it says from now on. */
function Begun({ of }: { of: HTMLElement }) {
  useEffect(() => of.removeAttribute("aria-busy"), [of])
  return null
}

// What the gateway drew stays until the page itself is there.
startLanguage()
  .then(() => Promise.all([router.load(), loadStrings(location.pathname)]))
  .then(() => {
    rememberView()
    keepTyped()
    const root = document.getElementById("root") as HTMLElement
    createRoot(root).render(
      <StrictMode>
        <Providers nonce={nonce}>
          <Begun of={root} />
          <RouterProvider router={router} />
        </Providers>
      </StrictMode>,
    )
  })
