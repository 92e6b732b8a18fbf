/** Every string is in the locale files, in every language, and every string there is used. Fails with what is wrong. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"

const SOURCE = new URL("../src/", import.meta.url).pathname
const LANGUAGES = readdirSync(join(SOURCE, "locales"))
const SPOKEN = new Set(["label", "title", "placeholder", "alt", "description", "aria-label", "text", "message", "error"])
const PLURAL = /_(zero|one|two|few|many|other)$/
const WORDS = /\p{L}{2,}/u
const problems = []

function flat(tree, prefix = "") {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === "object" ? flat(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]]))
}

const strings = {}
for (const language of LANGUAGES) {
  strings[language] = new Map()
  for (const file of readdirSync(join(SOURCE, "locales", language))) {
    const namespace = file.replace(".json", "")
    for (const [key, value] of flat(JSON.parse(readFileSync(join(SOURCE, "locales", language, file), "utf8")))) {
      strings[language].set(`${namespace}:${key}`, value)
      if (!String(value).trim()) problems.push(`${language}/${file}: ${key} is empty`)
    }
  }
}
for (const language of LANGUAGES)
  for (const key of strings.en.keys()) {
    const found = strings[language].has(key) || (PLURAL.test(key) && strings[language].has(key.replace(PLURAL, "_other")))
    if (!found) problems.push(`${language}: no string for ${key}`)
  }
for (const language of LANGUAGES) for (const key of strings[language].keys()) if (!strings.en.has(key)) problems.push(`${language}: ${key} is not in en`)

const known = new Set([...strings.en.keys()].map((key) => key.replace(PLURAL, "")))
const sources = readdirSync(SOURCE, { recursive: true }).map(String).filter((name) => /\.tsx?$/.test(name) && !/\.test\.|\.gen\.|\.d\.ts$|^features\/kit/.test(name))

function namespaceOf(text) {
  return /useTranslation\(\s*(?:\[\s*)?"([\w-]+)"/.exec(text)?.[1] ?? "common"
}

for (const name of sources) {
  const text = readFileSync(join(SOURCE, name), "utf8")
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, name.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS)
  const namespace = namespaceOf(text)
  const at = (node) => `${name}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
  const inForeign = (node) => {
    for (let up = node; up; up = up.parent)
      if (ts.isJsxElement(up) && up.openingElement.attributes.properties.some((one) => one.name?.getText() === "lang" || one.name?.getText() === "translate")) return true
    return false
  }
  const visit = (node) => {
    if (ts.isJsxText(node) && WORDS.test(node.text) && !inForeign(node)) problems.push(`${at(node)}: text outside the locale files: ${node.text.trim()}`)
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer) && WORDS.test(node.initializer.text))
      problems.push(`${at(node)}: text outside the locale files: ${node.initializer.text}`)
    if (ts.isCallExpression(node) && node.expression.getText() === "t" && node.arguments[0] && ts.isStringLiteral(node.arguments[0])) {
      const key = node.arguments[0].text
      const full = key.includes(":") ? key : `${namespace}:${key}`
      if (!known.has(full) && !known.has(`common:${key}`)) problems.push(`${at(node)}: no string ${full}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
}

if (problems.length) {
  console.error(problems.join("\n"))
  process.exit(1)
}
console.log(`${known.size} strings in ${LANGUAGES.length} languages`)
