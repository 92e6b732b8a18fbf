/** What came back: status, request id, usage, headers, every event with its time, or the body. */
import { Anchor, Stack, Text, Title } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { CodeBlock } from "@/components/ui/code-block"
import { EmptyState } from "@/components/ui/states"
import { StatusPill } from "@/components/ui/status-pill"
import { duration, whole } from "@/lib/format"
import { parsed } from "../json"
import classes from "../playground.module.css"
import type { Exchange } from "../send"

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Title order={2} size="h3" mb={6}>
        {title}
      </Title>
      {children}
    </section>
  )
}

function Facing({ pairs }: { pairs: [string, ReactNode][] }) {
  return (
    <dl className={classes.facing}>
      {pairs.map(([name, value], index) => (
        <div key={index} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function pretty(body: string): string {
  const value = parsed(body)
  return value === undefined ? body : JSON.stringify(value, null, 2)
}

export function ResponseTab({ exchange }: { exchange: Exchange | undefined }) {
  const { t } = useTranslation("playground")
  if (!exchange) return <EmptyState title={t("response.none")} text={t("response.noneText")} />
  const { status, requestId, headers, events, body, answer, firstMs, totalMs, fault } = exchange
  const { usage, stop } = answer
  const times: [string, ReactNode][] = [
    ...(firstMs === undefined ? [] : [[t("response.first"), duration(firstMs)] as [string, ReactNode]]),
    ...(totalMs === undefined ? [] : [[t("response.total"), duration(totalMs)] as [string, ReactNode]]),
    ...(stop === undefined ? [] : [[t("response.stop"), <span className="mono">{stop}</span>] as [string, ReactNode]]),
  ]
  return (
    <Stack gap="md">
      <Facing
        pairs={[
          [t("response.status"), <StatusPill tone={fault ? "bad" : "ok"}>{status || t("response.noStatus")}</StatusPill>],
          ...(requestId
            ? [
                [
                  t("common:error.requestId"),
                  <Anchor component={Link} to={`/requests?open=${requestId}` as never} className="mono" inherit={false} underline="always">
                    {requestId}
                  </Anchor>,
                ] as [string, ReactNode],
              ]
            : []),
          ...times,
        ]}
      />
      {usage && (
        <Part title={t("response.usage")}>
          <Facing
            pairs={[
              [t("response.input"), whole(usage.input)],
              [t("response.cached"), whole(usage.cached)],
              [t("response.output"), whole(usage.output)],
              [t("response.reasoning"), whole(usage.reasoning)],
            ]}
          />
        </Part>
      )}
      {events.length > 0 && (
        <Part title={t("response.events", { count: events.length })}>
          {/* What scrolls must be reachable by keyboard. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <ol className={classes.events} tabIndex={0} aria-label={t("response.events", { count: events.length })}>
            {events.map(({ at, name, data }, index) => (
              <li key={index}>
                <span className="num dim">{duration(at)}</span>
                <code>
                  {name && <strong>{name} </strong>}
                  {data}
                </code>
              </li>
            ))}
          </ol>
        </Part>
      )}
      {body && (
        <Part title={t("response.body")}>
          <CodeBlock code={pretty(body)} label={t("response.body")} />
        </Part>
      )}
      {headers.length > 0 && (
        <Part title={t("response.headers")}>
          <Facing pairs={headers.map(([name, value]) => [name, <span className="mono">{value}</span>])} />
        </Part>
      )}
      {exchange.sent && (
        <Text size="xs" className="dim">
          {t("response.sent", { count: exchange.sent.length, shown: whole(exchange.sent.length) })}
        </Text>
      )}
    </Stack>
  )
}
