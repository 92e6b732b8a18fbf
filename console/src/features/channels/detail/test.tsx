/** Testing a channel: which model over which endpoint, and the result, which stays. */
import { Alert, Button, Group, NativeSelect, Select, Stack, Switch, Text } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Panel } from "@/components/ui/panel"
import { dateTime, duration } from "@/lib/format"
import { StatusPill } from "@/components/ui/status-pill"
import type { Channel } from "../api"
import { names } from "../editor/draft"
import { Guarded, useLack } from "../rights"
import { runTest, useOutcome } from "../tests"

const ENDPOINTS = ["openai", "openai-response", "anthropic", "gemini", "embeddings"] as const

/** How the test of this visit went; nothing before there was one. */
export function TestResult({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels")
  const operate = useLack("operate")
  const outcome = useOutcome(channel.id)
  const model = outcome?.asked.model || channel.test_model || names(channel.models)[0] || ""
  if (!outcome) return null
  if (outcome.state === "running")
    return (
      <div role="status">
        <StatusPill tone="off">{t("test.runningOf", { model })}</StatusPill>
      </div>
    )
  const again = (
    <Guarded lack={operate}>
      {(off) => (
        <Button size="xs" variant="default" disabled={off} onClick={() => void runTest(channel.id, outcome.asked)}>
          {t("test.again")}
        </Button>
      )}
    </Guarded>
  )
  if (outcome.state === "passed")
    return (
      <Group gap="sm" role="status">
        <StatusPill tone="ok">{t("test.passed", { model, time: duration(outcome.ms), at: dateTime(outcome.at) })}</StatusPill>
        {again}
      </Group>
    )
  return (
    <Alert color="red" variant="light" role="alert" title={t("test.failedOf", { model })}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {outcome.message}
        </Text>
        {outcome.code && (
          <Text size="sm" className="mono">
            {outcome.code}
          </Text>
        )}
        {again}
      </Stack>
    </Alert>
  )
}

export function TestTab({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels")
  const operate = useLack("operate")
  const models = names(channel.models)
  const [model, setModel] = useState(channel.test_model || models[0] || "")
  const [endpoint, setEndpoint] = useState("")
  const [stream, setStream] = useState(false)
  const isRunning = useOutcome(channel.id)?.state === "running"
  const data = [{ value: "", label: t("test.endpointAuto") }, ...ENDPOINTS.map((one) => ({ value: one, label: t(`test.endpoint_${one}`) }))]
  return (
    <Panel title={t("test.title")}>
      <Stack maw={460}>
        <Text size="sm" className="dim">
          {t("test.text")}
        </Text>
        <Select label={t("test.model")} data={models} value={model || null} searchable allowDeselect={false} limit={50} onChange={(value) => setModel(value ?? "")} />
        <NativeSelect label={t("test.endpoint")} data={data} value={endpoint} onChange={(event) => setEndpoint(event.currentTarget.value)} />
        <Switch label={t("test.stream")} checked={stream} disabled={endpoint === "embeddings"} onChange={(event) => setStream(event.currentTarget.checked)} />
        <div>
          <Guarded lack={operate}>
            {(off) => (
              <Button disabled={off} loading={isRunning} onClick={() => void runTest(channel.id, { model, endpoint, stream: stream && endpoint !== "embeddings" })}>
                {t("test.run")}
              </Button>
            )}
          </Guarded>
        </div>
      </Stack>
    </Panel>
  )
}
