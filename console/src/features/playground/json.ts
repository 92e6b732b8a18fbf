/** JSON that people typed, and JSON that a wire brought: read without trust. */

export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export const fields = (value: unknown): Fields => (isFields(value) ? value : {})
export const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : [])
export const text = (value: unknown): string => (typeof value === "string" ? value : "")
export const count = (value: unknown): number => (typeof value === "number" ? value : 0)

/** The value of JSON text, or undefined. */
export function parsed(source: string): unknown {
  try {
    return JSON.parse(source) as unknown
  } catch {
    return undefined
  }
}

/** The object that JSON text says; an empty one for anything else. */
export const object = (source: string): Fields => fields(parsed(source))

/** `base` with `more` over it: objects are merged, everything else is replaced. */
export function merged(base: Fields, more: Fields): Fields {
  const result = { ...base }
  for (const [name, value] of Object.entries(more)) {
    const before = result[name]
    result[name] = isFields(before) && isFields(value) ? merged(before, value) : value
  }
  return result
}

/** `value` without the fields that are undefined. */
export function given(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))
}

/** `value` under `name`, or nothing when it has no field. */
export function nested(name: string, value: Fields): Fields {
  const inner = given(value)
  return Object.keys(inner).length ? { [name]: inner } : {}
}

/** `record` without one of its fields. */
export function less<T>(record: Record<string, T>, name: string | number): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== String(name)))
}
