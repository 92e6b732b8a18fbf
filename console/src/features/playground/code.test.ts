import { describe, expect, it } from "vitest"
import { codeFor, pythonLiteral } from "./code"
import { DIALECT } from "./dialects"

const request = { url: "https://g.example/v1/messages", headers: DIALECT.anthropic.headers, body: '{\n  "text": "it\'s"\n}', stream: false }

describe("code", () => {
  it("quotes for the shell", () =>
    expect(codeFor("curl", request)).toBe(
      "curl 'https://g.example/v1/messages' \\\n  -H \"x-api-key: $FAREGATE_API_KEY\" \\\n  -H 'anthropic-version: 2023-06-01' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\n  \"text\": \"it'\\''s\"\n}'",
    ))
  it("writes Python", () =>
    expect(codeFor("python", request)).toBe(
      'import os\n\nimport httpx\n\nkey = os.environ["FAREGATE_API_KEY"]\nheaders = {\n    "x-api-key": key,\n    "anthropic-version": "2023-06-01",\n}\nbody = {\n    "text": "it\'s",\n}\n\nanswer = httpx.post("https://g.example/v1/messages", headers=headers, json=body, timeout=600)\nprint(answer.json())',
    ))
  it("writes TypeScript that streams", () =>
    expect(codeFor("typescript", { ...request, url: "https://g.example/v1/chat/completions", headers: DIALECT.openai_chat.headers, stream: true })).toBe(
      'const answer = await fetch("https://g.example/v1/chat/completions", {\n  method: "POST",\n  headers: {\n    "Authorization": `Bearer ${process.env.FAREGATE_API_KEY}`,\n    "Content-Type": "application/json",\n  },\n  body: JSON.stringify({\n    "text": "it\'s"\n  }),\n})\nconst text = new TextDecoder()\nfor await (const chunk of answer.body!) process.stdout.write(text.decode(chunk, { stream: true }))',
    ))
  it("knows Python's words", () => expect(pythonLiteral([true, false, null, 1.5, {}])).toBe("[\n    True,\n    False,\n    None,\n    1.5,\n    {},\n]"))
})
