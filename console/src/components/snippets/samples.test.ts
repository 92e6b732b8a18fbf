import { describe, expect, it } from "vitest"
import { answering } from "./callable"
import { sample } from "./samples"

const TARGET = { base: "https://gate.example", key: "sk-abc", model: "m-1" }

describe("samples", () => {
  it("curl names address, key and model", () => {
    expect(sample("curl", TARGET)).toBe(
      'curl https://gate.example/v1/chat/completions \\\n  -H "Authorization: Bearer sk-abc" \\\n  -H "Content-Type: application/json" \\\n  -d \'{"model":"m-1","messages":[{"role":"user","content":"Say pong"}]}\'',
    )
  })
  it("agents get the address that they expect", () => {
    expect(sample("claude", TARGET)).toContain('ANTHROPIC_BASE_URL="https://gate.example"\n')
    expect(sample("codex", TARGET)).toContain('base_url="https://gate.example/v1"')
    expect(sample("gemini", TARGET)).toContain('GOOGLE_GEMINI_BASE_URL="https://gate.example"\n')
  })
})

describe("answering", () => {
  const model = (name: string, priced = true, endpoints = ["openai"]) => ({ name, priced, endpoints })
  it("leaves out what has no price, what does not talk and what the key may not call", () => {
    const models = [model("a", false), model("text-embedding-3"), model("b", true, ["embeddings"]), model("c"), model("d")]
    expect(answering(models)).toEqual(["c", "d"])
    expect(answering(models, ["d", "a"])).toEqual(["d"])
  })
})
