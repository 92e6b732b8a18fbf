/** Programs that call a model through this gateway, ready to paste. */

export interface Target {
  base: string
  key: string
  model: string
}

export const CLIENTS = ["curl", "python", "javascript", "claude", "codex", "gemini"] as const
export type Client = (typeof CLIENTS)[number]

const QUESTION = "Say pong"

const SAMPLES: Record<Client, (target: Target) => string> = {
  curl: ({ base, key, model }) => `curl ${base}/v1/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '${JSON.stringify({ model, messages: [{ role: "user", content: QUESTION }] })}'`,
  python: ({ base, key, model }) => `# pip install openai
from openai import OpenAI

client = OpenAI(base_url="${base}/v1", api_key="${key}")
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "${QUESTION}"}],
)
print(answer.choices[0].message.content)`,
  javascript: ({ base, key, model }) => `// npm install openai
import OpenAI from "openai"

const client = new OpenAI({ baseURL: "${base}/v1", apiKey: "${key}" })
const answer = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: [{ role: "user", content: "${QUESTION}" }],
})
console.log(answer.choices[0].message.content)`,
  claude: ({ base, key, model }) => `export ANTHROPIC_BASE_URL="${base}"
export ANTHROPIC_AUTH_TOKEN="${key}"
claude --model "${model}"`,
  codex: ({ base, key, model }) => `export FAREGATE_KEY="${key}"
codex -m "${model}" \\
  -c 'model_provider="faregate"' \\
  -c 'model_providers.faregate.name="Faregate"' \\
  -c 'model_providers.faregate.base_url="${base}/v1"' \\
  -c 'model_providers.faregate.env_key="FAREGATE_KEY"' \\
  -c 'model_providers.faregate.wire_api="responses"'`,
  gemini: ({ base, key, model }) => `export GOOGLE_GEMINI_BASE_URL="${base}"
export GEMINI_API_KEY="${key}"
gemini -m "${model}"`,
}

/** The program for one client. */
export function sample(client: Client, target: Target): string {
  return SAMPLES[client](target)
}
