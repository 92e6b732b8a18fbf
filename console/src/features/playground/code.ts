/** The present request in other words: a shell, Python, TypeScript. The key is read from the environment. */
import { isFields, parsed } from "./json"

export const LANGUAGES = ["curl", "python", "typescript"] as const
export type Language = (typeof LANGUAGES)[number]

export const LANGUAGE_NAMES: Record<Language, string> = { curl: "curl", python: "Python", typescript: "TypeScript" }
const VARIABLE = "FAREGATE_API_KEY"
const PLACE = "\u0000key"

export interface CodeRequest {
  url: string
  /** The dialect's headers for a given key. */
  headers: (key: string) => Record<string, string>
  /** JSON text. */
  body: string
  stream: boolean
}

const all = (request: CodeRequest): [string, string][] => Object.entries({ ...request.headers(PLACE), "Content-Type": "application/json" })
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
const indented = (text: string, by: string): string => text.replaceAll("\n", `\n${by}`)

function curl(request: CodeRequest): string {
  const headers = all(request).map(([name, value]) => `  -H ${value.includes(PLACE) ? `"${name}: ${value.replace(PLACE, `$${VARIABLE}`)}"` : quoted(`${name}: ${value}`)}`)
  return [`curl${request.stream ? " -N" : ""} ${quoted(request.url)}`, ...headers, `  -d ${quoted(request.body)}`].join(" \\\n")
}

/** A JSON value as a literal of Python. */
export function pythonLiteral(value: unknown, indent = ""): string {
  const deeper = `${indent}    `
  if (value === null || value === undefined) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (Array.isArray(value)) return value.length ? `[\n${value.map((one) => `${deeper}${pythonLiteral(one, deeper)},\n`).join("")}${indent}]` : "[]"
  if (!isFields(value)) return JSON.stringify(value)
  const lines = Object.entries(value).map(([name, one]) => `${deeper}${JSON.stringify(name)}: ${pythonLiteral(one, deeper)},\n`)
  return lines.length ? `{\n${lines.join("")}${indent}}` : "{}"
}

function python(request: CodeRequest): string {
  const headers = Object.entries(request.headers(PLACE)).map(([name, value]) => {
    const text = value === PLACE ? "key" : value.includes(PLACE) ? `f"${value.replace(PLACE, "{key}")}"` : JSON.stringify(value)
    return `    ${JSON.stringify(name)}: ${text},`
  })
  const call = `"${request.url}", headers=headers, json=body, timeout=600`
  const read = request.stream
    ? [`with httpx.stream("POST", ${call}) as answer:`, "    for line in answer.iter_lines():", "        print(line)"]
    : [`answer = httpx.post(${call})`, "print(answer.json())"]
  return ["import os", "", "import httpx", "", `key = os.environ["${VARIABLE}"]`, "headers = {", ...headers, "}", `body = ${pythonLiteral(parsed(request.body))}`, "", ...read].join("\n")
}

function typescript(request: CodeRequest): string {
  const headers = all(request).map(([name, value]) => `    ${JSON.stringify(name)}: ${value.includes(PLACE) ? `\`${value.replace(PLACE, `\${process.env.${VARIABLE}}`)}\`` : JSON.stringify(value)},`)
  const read = request.stream
    ? ["const text = new TextDecoder()", "for await (const chunk of answer.body!) process.stdout.write(text.decode(chunk, { stream: true }))"]
    : ["console.log(await answer.json())"]
  return [
    `const answer = await fetch("${request.url}", {`,
    '  method: "POST",',
    "  headers: {",
    ...headers,
    "  },",
    `  body: JSON.stringify(${indented(request.body, "  ")}),`,
    "})",
    ...read,
  ].join("\n")
}

const WRITERS: Record<Language, (request: CodeRequest) => string> = { curl, python, typescript }

export function codeFor(language: Language, request: CodeRequest): string {
  return WRITERS[language](request)
}
