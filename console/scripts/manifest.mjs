/** The build's manifest: which files an entry needs before it is shown. */
import { readFileSync } from "node:fs"

export const FOLDER = new URL("../../faregate/console/", import.meta.url).pathname
export const manifest = JSON.parse(readFileSync(`${FOLDER}.vite/manifest.json`, "utf8"))
export const FRAME = "src/routes/_console.tsx?tsr-split=component"
const SPLIT = "?tsr-split=component"
const ROUTES = "src/routes/"
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)

/** Every file of the first pages and of `keys`: static imports and their styles. Sign-in and home are not split off. */
export function needed(keys) {
  const files = new Set()
  const visit = (key) => {
    const chunk = manifest[key]
    if (!chunk || files.has(chunk.file)) return
    files.add(chunk.file)
    for (const style of chunk.css ?? []) files.add(style)
    for (const next of chunk.imports ?? []) visit(next)
  }
  for (const key of [entry, ...keys]) visit(key)
  return files
}

/** The pages that are split off: their key in the manifest, and their name, the first part of their address. */
export function pages() {
  return Object.keys(manifest)
    .filter((key) => key.startsWith(ROUTES) && key.endsWith(SPLIT) && key !== FRAME)
    .map((key) => ({ key, isFramed: key.includes("/_console/"), name: key.slice(ROUTES.length, -SPLIT.length).replace("_console/", "").replace(".tsx", "").replace(".index", "") }))
}
