/** The first view, which the gateway drew: what this browser tells it to draw next time, and what was typed into it. */
import i18next from "i18next"
import { session } from "@/lib/session"

const COOKIE = "faregate_view"
const YEAR_S = 31_536_000
const NARROW_KEY = "faregate.sidebar"

function tell(): void {
  const width = localStorage.getItem(NARROW_KEY) === "true" ? "narrow" : "full"
  document.cookie = `${COOKIE}=${i18next.language}.${session.user?.role ?? 0}.${width}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`
}

/** From now on a cookie says in which language, and for which role, the next first view is to be drawn. */
export function rememberView(): void {
  tell()
  session.subscribe(tell)
  i18next.on("languageChanged", tell)
  addEventListener("pagehide", tell)
}

interface Typed {
  values: Map<string, string>
  focused: string
}

let typed: Typed | null = null

/** Keep what was typed into the first view's fields. To be called just before the application takes their place. */
export function keepTyped(): void {
  const fields = [...document.querySelectorAll<HTMLInputElement>("#root form input[name]")]
  if (fields.length === 0) return
  const active = document.activeElement
  typed = { values: new Map(fields.map(({ name, value }) => [name, value])), focused: active instanceof HTMLInputElement ? active.name : "" }
}

/** Put it into the fields that are there now, once, with the caret where it was left: behind the last letter. */
export function resumeTyping(form: HTMLFormElement): void {
  const kept = typed
  typed = null
  if (!kept) return
  for (const field of form.querySelectorAll<HTMLInputElement>("input[name]")) {
    const value = kept.values.get(field.name)
    if (value) field.value = value
    if (field.name !== kept.focused) continue
    field.focus()
    field.setSelectionRange(field.value.length, field.value.length)
  }
}
