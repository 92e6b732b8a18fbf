/** What is typed and not yet saved, beside what the server has. */
import type { Changes, Field, Section } from "./api"

const LONG = 60

/** The text that is shown: the draft, or what the server has. */
export function textOf(field: Field, drafts: Changes): string {
  const draft = drafts[field.key]
  return draft === undefined ? field.value : (draft ?? field.default)
}

/** The drafts with one more; a draft that equals what the server has is none, unless that is being replaced by what was `sent`. */
export function withDraft(drafts: Changes, field: Field, text: string | null, sent: Changes = {}): Changes {
  const others = Object.fromEntries(Object.entries(drafts).filter(([key]) => key !== field.key))
  const same = text === null ? !field.is_stored : text === field.value && (field.kind !== "secret" || text === "")
  return same && !(field.key in sent) ? others : { ...others, [field.key]: text }
}

/** The drafts without those that were saved as they are; what was typed meanwhile stays. */
export function unsaved(drafts: Changes, saved: Changes): Changes {
  return Object.fromEntries(Object.entries(drafts).filter(([key, text]) => saved[key] !== text))
}

/** True for a text that wants several lines. What is typed does not decide: its field would be another one amid typing. */
export function isLong({ kind, value, default: usual }: Field): boolean {
  return kind === "prose" || [value, usual].some((text) => text.length > LONG || text.includes("\n"))
}

/** What is wrong with a text, as a key of the locale files; empty when nothing is seen to be. */
export function faultOf(field: Field, text: string): "" | "number" | "low" | "high" | "json" {
  if (field.kind === "json" && text.trim()) {
    try {
      JSON.parse(text)
    } catch {
      return "json"
    }
  }
  if (field.kind !== "number") return ""
  const value = Number(text)
  if (text.trim() === "" || !Number.isFinite(value)) return "number"
  if (field.minimum !== null && field.minimum !== undefined && value < field.minimum) return "low"
  if (field.maximum !== null && field.maximum !== undefined && value > field.maximum) return "high"
  return ""
}

/** The sections with the fields whose title, key or section contain all of `words`. */
export function found(sections: Section[], words: string, titleOf: (field: Field) => string, nameOf: (section: Section) => string): Section[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (text: string) => wanted.every((word) => text.includes(word))
  return sections
    .map((section) => ({ ...section, fields: section.fields.filter((field) => fits(`${field.title} ${titleOf(field)} ${field.key} ${nameOf(section)} ${section.title}`.toLowerCase())) }))
    .filter(({ fields }) => fields.length > 0)
}

/** A text over several lines where it is JSON. */
export function pretty(text: string): string {
  try {
    return text.trim() ? JSON.stringify(JSON.parse(text), null, 2) : text
  } catch {
    return text
  }
}
