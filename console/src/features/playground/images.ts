/** Pictures from the clipboard, a drop or the file picker. */
import type { Image } from "./types"

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"]
/** Of one picture; the tightest limit of the four dialects' owners. */
export const LARGEST_IMAGE = 5 * 1024 * 1024

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "")
    reader.onerror = () => reject(reader.error ?? new Error(file.name))
    reader.readAsDataURL(file)
  })
}

export type Unfit = { name: string; reason: "type" | "size" }

/** The pictures among `files`, and what is none or too large. */
export async function readImages(files: Iterable<File>): Promise<{ images: Image[]; unfit: Unfit[] }> {
  const images: Image[] = []
  const unfit: Unfit[] = []
  for (const file of files) {
    if (!IMAGE_TYPES.includes(file.type)) unfit.push({ name: file.name, reason: "type" })
    else if (file.size > LARGEST_IMAGE) unfit.push({ name: file.name, reason: "size" })
    else images.push({ name: file.name, mediaType: file.type, data: await base64(file) })
  }
  return { images, unfit }
}
