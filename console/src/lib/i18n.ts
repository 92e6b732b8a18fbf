/** Strings: one file a namespace and language, loaded with the pages that need them. English is the fallback. */
import i18next from "i18next"
import { initReactI18next } from "react-i18next"
import common from "@/locales/en/common.json"

export const LANGUAGES = { en: "English", zh: "简体中文" } as const
export type Language = keyof typeof LANGUAGES

const CHOICE = "faregate.language"
const files = import.meta.glob<{ default: Record<string, unknown> }>(["../locales/*/*.json", "!../locales/en/common.json"])

const backend = {
  type: "backend" as const,
  read(language: string, namespace: string, done: (error: unknown, strings: unknown) => void) {
    const load = files[`../locales/${language}/${namespace}.json`]
    if (!load) return done(new Error(`no strings: ${language}/${namespace}`), null)
    load().then(
      (file) => done(null, file.default),
      (reason: unknown) => done(reason, null),
    )
  },
}

function preferred(): Language {
  const chosen = localStorage.getItem(CHOICE) ?? navigator.language
  return chosen.toLowerCase().startsWith("zh") ? "zh" : "en"
}

/** Ready to render in `language`. */
export async function initLanguage(language: Language): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: "en",
      ns: ["common"],
      defaultNS: "common",
      partialBundledLanguages: true,
      resources: { en: { common } },
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    })
}

/** Ready to render in the visitor's language. */
export async function startLanguage(): Promise<void> {
  await initLanguage(preferred())
  document.documentElement.lang = i18next.language
}

/** Namespaces of pages that need more than their own. */
const ALSO_NEEDED: Record<string, string[]> = { settings: ["options"] }

/** The strings of the page at `path`, so that it can be shown whole; a page without any has nothing to wait for. */
export async function loadStrings(path: string): Promise<void> {
  const page = path.split("/")[1] ?? ""
  if (`../locales/en/${page}.json` in files) await i18next.loadNamespaces([page, ...(ALSO_NEEDED[page] ?? [])])
}

/** Another language from now on, remembered in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(CHOICE, language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

/** The language of `Intl` formats. */
export function locale(): string {
  return i18next.language === "zh" ? "zh-CN" : navigator.language.startsWith("en") ? navigator.language : "en"
}
