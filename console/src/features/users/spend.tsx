/** What a user spent in a month: by model, by key, by day. */
import { Group, NativeSelect, Stack, Text, Title } from "@mantine/core"
import { useCallback, useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { LazyChart } from "@/components/chart/lazy-chart"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { compact, day, money, whole } from "@/lib/format"
import { useUnit } from "@/lib/status"
import type { Month } from "./amounts"
import { useSpend, type Spend } from "./api"
import classes from "./users.module.css"

export function SpendPart({ id }: { id: number }) {
  const { t } = useTranslation("users")
  const [month, setMonth] = useState<Month>("this")
  const { data, error, refetch } = useSpend(id, month)
  return (
    <Stack gap="sm" className={classes.part}>
      <Group justify="space-between">
        <Title order={3}>{t("spend.title")}</Title>
        <NativeSelect
          size="xs"
          aria-label={t("spend.month")}
          value={month}
          data={[
            { value: "this", label: t("spend.this") },
            { value: "last", label: t("spend.last") },
          ]}
          onChange={(event) => setMonth(event.currentTarget.value as Month)}
        />
      </Group>
      {error ? <ErrorState error={error} retry={() => void refetch()} /> : data ? <Figures spend={data} /> : <SkeletonRows rows={4} />}
    </Stack>
  )
}

function Figures({ spend }: { spend: Spend }) {
  const { t } = useTranslation("users")
  const unit = useUnit()
  const format = useCallback((value: number) => money(value, unit), [unit])
  const times = useMemo(() => spend.days.map(({ at }) => at), [spend])
  const name = t("spend.title")
  const series = useMemo(() => [{ name, values: spend.days.map(({ charge }) => charge) }], [spend, name])
  return (
    <>
      <Text>{t("spend.total", { cost: money(spend.charge, unit), requests: whole(spend.requests), tokens: compact(spend.tokens), count: spend.requests })}</Text>
      {times.length > 1 && <LazyChart label={t("spend.byDay")} times={times} series={series} format={format} height={140} bars />}
      {times.length === 1 && <Text size="sm">{t("spend.oneDay", { day: day(times[0] ?? 0) })}</Text>}
      <Lines title={t("spend.byModel")} lines={spend.models} />
      <Lines title={t("spend.byKey")} lines={spend.keys} />
    </>
  )
}

function Lines({ title, lines }: { title: string; lines: Spend["models"] }) {
  const { t } = useTranslation("users")
  const unit = useUnit()
  if (lines.length === 0) return null
  return (
    <table className={`figures ${classes.spend}`}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{t("spend.cost")}</th>
          <th scope="col">{t("spend.requests")}</th>
          <th scope="col">{t("spend.tokens")}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.name + line.id}>
            <th scope="row">{line.name || t("spend.removedKey", { id: line.id })}</th>
            <td>{money(line.charge, unit)}</td>
            <td>{whole(line.requests)}</td>
            <td>{compact(line.tokens)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
