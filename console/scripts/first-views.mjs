/** Renders the first view of every page into the build, and says which files each page needs. The gateway joins them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { build } from "vite"
import { FRAME, needed, pages } from "./manifest.mjs"

const HERE = new URL("../", import.meta.url).pathname
const FOLDER = new URL("../../faregate/console/first/", import.meta.url).pathname
const MADE = `${HERE}node_modules/.first-view`

// What a page reads of its browser while it is drawn.
const kept = new Map()
globalThis.localStorage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name),
}
Object.defineProperty(globalThis, "navigator", { value: { language: "en" }, configurable: true })
globalThis.location = new URL("http://first.view/")

await build({ root: HERE, logLevel: "warn", build: { ssr: "src/first-view/render.tsx", outDir: MADE, emptyOutDir: true, manifest: false } })
const { views } = await import(`${MADE}/render.js`)

/** Style attributes are against the page's policy: they become classes of one element that carries its nonce. */
function withClasses(html) {
  const classes = new Map()
  const named = (style) => {
    if (!classes.has(style)) classes.set(style, `v${classes.size}`)
    return classes.get(style)
  }
  const body = html.replace(/<[a-z][^>]*? style="([^"]*)"[^>]*>/g, (tag, style) => {
    const bare = tag.replace(/ style="[^"]*"/, "")
    const name = named(style.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&amp;", "&"))
    return / class="/.test(bare) ? bare.replace(/ class="/, ` class="${name} `) : bare.replace(/^<([a-z][a-z0-9]*)/, `<$1 class="${name}"`)
  })
  const rules = [...classes].map(([style, name]) => `.${name}{${style}}`).join("")
  return `<style nonce="FAREGATE_NONCE">${rules}</style>${body}`
}

rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })
for (const [name, html] of Object.entries(await views())) {
  // Enter must not send the form before the application is there: nothing in it may submit.
  const still = withClasses(html).replaceAll(' type="submit"', ' type="button"')
  if (still.includes(' style="')) throw new Error(`${name}: a style attribute is left`)
  writeFileSync(`${FOLDER}${name}.html`, still)
}

/** Links to what a page needs besides what `index.html` names. */
function links(files) {
  return files.map((file) => (file.endsWith(".css") ? `<link rel="stylesheet" href="/${file}">` : `<link rel="modulepreload" fetchpriority="low" href="/${file}">`)).join("")
}

const first = needed([])
const beside = (keys) => [...needed(keys)].filter((file) => !first.has(file)).sort((a, b) => b.endsWith(".css") - a.endsWith(".css"))
const heads = Object.fromEntries(pages().map(({ name, key }) => [name, links(beside([FRAME, key]))]))
writeFileSync(`${FOLDER}heads.json`, JSON.stringify(heads))

// Styles first: the view waits for them, and only then do scripts need the line. A page's own styles follow the common ones.
const page = `${FOLDER}../index.html`
const html = readFileSync(page, "utf8").replace(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"')
writeFileSync(page, html.replace("<!--head-->", "").replace("</head>", "<!--head--></head>"))
rmSync(MADE, { recursive: true })
process.exit(0)
