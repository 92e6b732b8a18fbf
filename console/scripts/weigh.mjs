/** Weighs the build: what a first visit to a page loads. Fails above the budget, and says what is heavy. */
import { statSync } from "node:fs"
import { FOLDER, FRAME, manifest, needed, pages } from "./manifest.mjs"

const FIRST_KB = 160
const FURTHER_KB = 80
const FIRST_REQUESTS = 8
const LOCALES = /^src\/locales\//

const weights = new Map()
const weigh = (file) => {
  if (!weights.has(file)) {
    let size
    try {
      size = statSync(`${FOLDER}${file}.br`).size
    } catch {
      size = statSync(`${FOLDER}${file}`).size
    }
    weights.set(file, size)
  }
  return weights.get(file)
}

const sum = (files) => [...files].reduce((total, file) => total + weigh(file), 0)
const kb = (size) => (size / 1000).toFixed(1)
const first = needed([])
const firstRequests = first.size + 3 // the page, the status, the home text
const problems = []
const named = [...first].map((file) => `${file.replace("assets/", "")} ${kb(weigh(file))}`)
const lines = [`first pages: ${kb(sum(first))} kB in ${firstRequests} requests (${named.join(", ")})`]
if (sum(first) > FIRST_KB * 1000) problems.push(`sign-in and home weigh ${kb(sum(first))} kB, allowed ${FIRST_KB}`)
if (firstRequests > FIRST_REQUESTS) problems.push(`sign-in or home takes ${firstRequests} requests, allowed ${FIRST_REQUESTS}`)

const framed = needed([FRAME])
const further = [...framed].filter((file) => !first.has(file))
lines.push(`frame of the console: +${kb(sum(further))} kB`)
for (const { key, name, isFramed } of pages()) {
  const base = isFramed ? framed : first
  const more = [...needed([key])].filter((file) => !base.has(file))
  lines.push(`  ${name}: +${kb(sum(more))} kB`)
  if (sum(more) > FURTHER_KB * 1000) problems.push(`${name} weighs ${kb(sum(more))} kB more, allowed ${FURTHER_KB}`)
}
if (sum(further) > FURTHER_KB * 1000) problems.push(`the frame weighs ${kb(sum(further))} kB more, allowed ${FURTHER_KB}`)
const strings = Object.keys(manifest).filter((key) => LOCALES.test(key))
lines.push(`${strings.length} files of strings`)
console.log(lines.join("\n"))
if (problems.length) {
  console.error(problems.join("\n"))
  process.exit(1)
}
