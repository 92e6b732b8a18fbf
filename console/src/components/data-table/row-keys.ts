/** Keys of a list: j and k move between the rows' first links, / goes to the filter. Off while something is typed. */
import { useEffect, useRef, type RefObject } from "react"

const OPENERS = "tbody tr a[data-row], tbody tr button[data-row]"
const FILTER = "[data-filter]"

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
}

export function useRowKeys(): RefObject<HTMLDivElement | null> {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("[role=dialog]")) return
      if (event.key === "/") {
        const filter = document.querySelector<HTMLElement>(FILTER)
        if (filter) {
          event.preventDefault()
          filter.focus()
        }
        return
      }
      if (event.key !== "j" && event.key !== "k") return
      const openers = [...(list.current?.querySelectorAll<HTMLElement>(OPENERS) ?? [])]
      const at = openers.indexOf(document.activeElement as HTMLElement)
      const next = openers[event.key === "j" ? at + 1 : Math.max(0, at - 1)]
      next?.focus()
    }
    addEventListener("keydown", pressed)
    return () => removeEventListener("keydown", pressed)
  }, [])
  return list
}
