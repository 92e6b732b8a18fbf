/** One request in the drawer: outcome, attempts, usage and charge, identifiers. */
import { Stack, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { ReactNode } from "react"
import { Copyable } from "@/components/ui/copyable"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { dateTime, duration, NOTHING, whole } from "@/lib/format"
import { useRequest, type RequestDetail } from "./api"
import { Attempts } from "./attempts"
import { Bill } from "./bill"
import { Outcome } from "./outcome"
import classes from "./requests.module.css"

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Title order={3} mb="xs">
        {title}
      </Title>
      {children}
    </section>
  )
}

function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== "" && value !== null)
        .flatMap(([name, value]) => [<dt key={`${name}-`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}

function Full({ detail }: { detail: RequestDetail }) {
  const { t } = useTranslation("requests")
  const { request, attempts, bill, usage, stream, route } = detail
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          [t("column.outcome"), <Outcome key="outcome" request={request} />],
          [t("column.time"), dateTime(request.created_at)],
          [t("column.model"), request.upstream_model ? `${request.model} → ${request.upstream_model}` : request.model],
          [t("column.key"), request.key],
          [t("column.user"), request.user],
          [t("detail.group"), request.group],
          [t("detail.duration"), duration(request.duration_ms)],
          [t("detail.firstToken"), request.first_token_ms === null ? "" : duration(request.first_token_ms)],
          [t("detail.stream"), stream ? t("detail.streamEnd", { reason: stream.reason }) : t(request.is_stream ? "stream.yes" : "stream.no")],
          [t("detail.path"), detail.path],
          [t("detail.dialects"), detail.dialects.join(" → ")],
          [t("detail.effort"), detail.reasoning_effort],
          [t("detail.notes"), detail.notes.join(", ")],
        ]}
      />
      <Part title={t("detail.attempts")}>
        <Attempts attempts={attempts} />
      </Part>
      {bill ? (
        <Part title={t("detail.charge")}>
          <Bill bill={bill} />
        </Part>
      ) : (
        <Part title={t("detail.usage")}>
          {usage.length ? <Facts facts={usage.map(({ name, tokens }) => [t(`bucket.${name}`), whole(tokens)])} /> : <span className="dim">{t("detail.noUsage")}</span>}
        </Part>
      )}
      <Part title={t("detail.identifiers")}>
        <Facts
          facts={[
            [t("detail.requestId"), <Copyable key="id" text={request.request_id} />],
            [t("filter.upstream"), detail.upstream_request_id && <Copyable key="upstream" text={detail.upstream_request_id} />],
            [t("detail.ip"), detail.ip],
            [t("detail.usagePath"), route?.usage_path ?? ""],
            [t("detail.counted"), route?.is_counted_here ? t("detail.countedHere") : ""],
            [t("detail.credential"), route?.credential_index == null ? "" : `#${route.credential_index}`],
            [t("detail.affinity"), route?.affinity ?? ""],
          ]}
        />
      </Part>
    </Stack>
  )
}

export function Detail({ requestId, onClose }: { requestId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("requests")
  const { data, error, refetch } = useRequest(requestId)
  return (
    <Sheet opened={requestId !== undefined} onClose={onClose} title={t("detail.title", { model: data?.request.model || NOTHING })} size={620}>
      {error ? <ErrorState error={error} retry={() => void refetch()} /> : data ? <Full detail={data} /> : <SkeletonRows />}
    </Sheet>
  )
}
