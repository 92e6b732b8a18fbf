/** Compresses what was built, once, as well as it goes. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"

const FOLDER = new URL("../../faregate/console/", import.meta.url).pathname
const WORTH = /\.(js|css|svg|json)$/
const SMALLEST = 600

for (const name of readdirSync(FOLDER, { recursive: true })) {
  const path = join(FOLDER, String(name))
  if (!WORTH.test(path) || !statSync(path).isFile()) continue
  const plain = readFileSync(path)
  if (plain.length < SMALLEST) continue
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }))
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
}
