/** The document's title. */
import { useEffect } from "react"
import { useStatus } from "@/lib/status"

/** The document's title: page, then site. */
export function useTitle(title: string): void {
  const site = useStatus()?.system_name ?? "Faregate"
  useEffect(() => {
    document.title = title ? `${title} · ${site}` : site
  }, [title, site])
}
