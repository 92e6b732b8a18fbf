/** The request that a lane makes, as the person sees and may edit it. */
import { DIALECT } from "./dialects"
import { merged } from "./json"
import { readExtra, readSchema, readTools } from "./tools"
import type { Lane, Parameters } from "./types"

const SHOWN_DATA = 400

export interface Prepared {
  path: string
  /** JSON, indented; long image data stands in it as `{{image 1}}`. */
  shown: string
}

function imagesOf(lane: Lane): string[] {
  return lane.messages.flatMap((message) => message.images ?? []).map(({ data }) => data).filter((data) => data.length > SHOWN_DATA)
}

const mark = (index: number): string => `{{image ${index + 1}}}`

/** The body as JSON text, extra fields merged last. */
export function prepared(lane: Lane, parameters: Parameters): Prepared {
  const dialect = DIALECT[lane.dialect]
  const body = merged(dialect.body({ model: lane.model, messages: lane.messages, parameters }), readExtra(parameters.extra) ?? {})
  const whole = JSON.stringify(body, null, 2)
  const shown = imagesOf(lane).reduce((json, data, index) => json.replace(data, () => mark(index)), whole)
  return { path: dialect.path(lane.model, parameters.stream), shown }
}

/** The bytes to send: what is shown with the images back in their places. */
export function sendable(lane: Lane, shown: string): string {
  return imagesOf(lane).reduce((json, data, index) => json.replaceAll(mark(index), () => data), shown)
}

export type Obstacle = "tools" | "schema" | "extra"

/** The parameter that cannot be read, if there is one. */
export function obstacle(parameters: Parameters): Obstacle | null {
  if (readTools(parameters.tools) === null) return "tools"
  if (parameters.format === "schema" && readSchema(parameters.schema) === null) return "schema"
  return readExtra(parameters.extra) === null ? "extra" : null
}
