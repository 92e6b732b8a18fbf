/** Tools as people paste them: in the form of any dialect. */
import { fields, isFields, list, parsed, text, type Fields } from "./json"

export interface Tool {
  name: string
  description: string
  schema: Fields
}

function one(source: Fields): Tool {
  const inner = isFields(source.function) ? source.function : source
  const schema = inner.parameters ?? inner.input_schema ?? inner.parametersJsonSchema
  return { name: text(inner.name), description: text(inner.description), schema: isFields(schema) ? schema : { type: "object", properties: {} } }
}

/** The tools in JSON text: a list or one alone, of OpenAI's, Claude's or Gemini's form. Null when it cannot be read. */
export function readTools(source: string): Tool[] | null {
  if (!source.trim()) return []
  const value = parsed(source)
  const pasted = Array.isArray(value) ? value : [value]
  if (!pasted.every(isFields)) return null
  const tools = list(pasted).flatMap((each) => (each.functionDeclarations ? list(each.functionDeclarations) : [each])).map(one)
  return tools.every(({ name }) => name) ? tools : null
}

/** A schema as typed; null when it is not a JSON object. */
export function readSchema(source: string): Fields | null {
  const value = parsed(source)
  return isFields(value) ? value : null
}

/** The fields to merge into a body; null when the text is not a JSON object. */
export function readExtra(source: string): Fields | null {
  return source.trim() ? readSchema(source) : fields({})
}
