/** The first key, and the first answer: asked here, then from any program. */
import { Button, Group, Stack, Text, Textarea, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { answering, callableQuery } from "@/components/snippets/callable"
import { Snippets } from "@/components/snippets/snippets"
import { Copyable } from "@/components/ui/copyable"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { StatusPill } from "@/components/ui/status-pill"
import { useBaseUrl } from "@/lib/status"
import { makeKey, revealKey } from "./api"
import classes from "./first-run.module.css"
import { ask } from "./stream"

interface Props {
  keyId: number | undefined
  /** How the channel's test went; empty when there was none just now. */
  tested: string
  onKey: (id: number) => void
  onLeave: () => void
}

export function AskStep({ keyId, tested, onKey, onLeave }: Props) {
  const { t } = useTranslation("first-run")
  const base = useBaseUrl()
  const models = useQuery(callableQuery(""))
  const [made, setMade] = useState("")
  const known = useQuery({ queryKey: ["keys", keyId, "whole"], queryFn: () => revealKey(keyId ?? 0), enabled: keyId !== undefined && !made, staleTime: Infinity, gcTime: 0 })
  const key = made || (keyId === undefined ? "" : (known.data ?? ""))
  const [question, setQuestion] = useState(t("ask.first"))
  const [answer, setAnswer] = useState("")
  const [state, setState] = useState<"" | "asking" | "answered">("")
  const [failure, setFailure] = useState<unknown>(null)
  const model = answering(models.data ?? [])[0]
  const go = async () => {
    if (!model) return
    setState("asking")
    setFailure(null)
    setAnswer("")
    try {
      let secret = key
      if (!secret) {
        const fresh = await makeKey(t("ask.keyName"))
        secret = fresh.key
        setMade(secret)
        onKey(fresh.id)
      }
      await ask({ key: secret, model, question, onWords: (words) => setAnswer((before) => before + words) })
      setState("answered")
    } catch (reason) {
      setFailure(reason)
      setState("")
    }
  }
  if (models.error) return <ErrorState error={models.error} retry={() => void models.refetch()} />
  if (!models.data) return <SkeletonRows rows={4} />
  return (
    <Stack>
      <div>
        <Title order={1}>{t("ask.title")}</Title>
        <Text className="dim">{t(model ? "ask.text" : "ask.noModel", { model })}</Text>
      </div>
      {tested && <StatusPill tone="ok">{tested}</StatusPill>}
      {known.error && <ErrorState error={known.error} />}
      {model && (
        <>
          <Textarea label={t("ask.question", { model })} autosize minRows={1} maxRows={6} value={question} onChange={(event) => setQuestion(event.currentTarget.value)} />
          <Group>
            <Button loading={state === "asking"} disabled={!question.trim()} variant={state === "answered" ? "default" : "filled"} onClick={() => void go()}>
              {t(key ? "ask.act" : "ask.makeAndAsk")}
            </Button>
          </Group>
        </>
      )}
      {failure !== null && <ErrorState error={failure} />}
      {(answer || state === "asking") && (
        <div className={classes.answer} role="log" aria-label={t("ask.answer")}>
          {answer}
        </div>
      )}
      {key && (
        <>
          <div>
            <Text fw={600}>{t("ask.yourKey")}</Text>
            <Copyable text={key} />
          </div>
          <div>
            <Text fw={600}>{t("common:home.base")}</Text>
            <Copyable text={base} />
          </div>
          <Snippets apiKey={key} group="" />
        </>
      )}
      <Group>
        <Button variant={state === "answered" ? "filled" : "subtle"} color={state === "answered" ? undefined : "gray"} onClick={onLeave}>
          {t(state === "answered" ? "common:public.console" : "skipToConsole")}
        </Button>
      </Group>
    </Stack>
  )
}
