/** The keys of a channel that has several: how each stands, and what can be done to it. */
import { Button, Group, NativeSelect, Text, VisuallyHidden } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { DataTable, type Column } from "@/components/data-table/data-table"
import { Pager } from "@/components/data-table/pager"
import { useConfirm } from "@/components/ui/confirm"
import { Panel } from "@/components/ui/panel"
import { StatusPill } from "@/components/ui/status-pill"
import { ago, dateTime, NOTHING } from "@/lib/format"
import { done } from "@/lib/notify"
import { AUTO_DISABLED, DISABLED, ENABLED, useKeys, useManageKeys, type Channel, type KeyDeed, type KeyRow } from "../api"
import classes from "../channels.module.css"
import { useDeeds } from "../deeds"
import { Guarded, useLack } from "../rights"
import { statusOf } from "../status"

const START_SIZE = 50

/** A key by what of it may be seen: its number as everywhere, its beginning, its end. */
function shown({ position, head, tail }: KeyRow): string {
  return `#${position} ${head.replace("...", "…")}${tail}`
}

export function KeysTab({ channel, page, state }: { channel: Channel; page: number; state: number }) {
  const { t } = useTranslation("channels")
  const { id } = channel
  const go = useNavigate()
  const [size, setSize] = useState(START_SIZE)
  const found = useKeys(id, page, state, size)
  const manage = useManageKeys(id)
  const { attempt } = useDeeds()
  const [dialog, ask] = useConfirm()
  const operate = useLack("operate")
  const sensitive = useLack("sensitive_write")
  const look = (change: { page?: number; state?: number }) =>
    void go({ to: "/channels/$id", params: { id: String(id) }, search: { tab: "keys", state: state || undefined, ...change }, replace: true })
  const act = (action: KeyDeed, said: string, position?: number) => manage.mutateAsync({ action, position }).then(() => done(said))
  const turn = (row: KeyRow) => {
    const isOn = row.status === ENABLED
    attempt(act(isOn ? "disable_key" : "enable_key", t(isOn ? "key.off" : "key.on", { key: shown(row) }), row.position))
  }
  const remove = (row: KeyRow) =>
    ask({
      title: t("key.deleteTitle", { key: shown(row) }),
      text: t("key.deleteText", { name: channel.name }),
      act: t("deed.delete"),
      run: () => act("delete_key", t("key.deleted", { key: shown(row) }), row.position),
    })
  const removeOff = () =>
    ask({
      title: t("key.deleteOffTitle", { name: channel.name }),
      text: t("key.deleteOffText", { count: found.data?.by_itself ?? 0 }),
      act: t("deed.delete"),
      run: () => act("delete_disabled_keys", t("key.deletedOff")),
    })
  const button = (lack: string, text: string, label: string, run: () => void) => (
    <Guarded lack={lack}>
      {(off) => (
        <Button size="compact-xs" variant="default" disabled={off} aria-label={label} onClick={run}>
          {text}
        </Button>
      )}
    </Guarded>
  )
  const columns: Column<KeyRow>[] = [
    { accessor: "position", title: t("key.key"), width: 220, render: (row) => <span className="mono">{shown(row)}</span> },
    { accessor: "status", title: t("column.status"), width: 170, render: (row) => <StatusPill tone={statusOf(row.status)[0]}>{t(`status.${statusOf(row.status)[1]}`)}</StatusPill> },
    { accessor: "reason", title: t("key.reason"), render: (row) => <span title={row.reason || undefined}>{row.reason || <span className="dim">{NOTHING}</span>}</span> },
    { accessor: "since", title: t("key.since"), width: 140, render: (row) => <span title={row.since ? dateTime(row.since) : undefined}>{row.since ? ago(row.since) : <span className="dim">{NOTHING}</span>}</span> },
    {
      accessor: "actions",
      title: <VisuallyHidden>{t("column.actions")}</VisuallyHidden>,
      width: 170,
      textAlign: "right",
      render: (row) => {
        const isOn = row.status === ENABLED
        return (
          <Group gap={6} justify="flex-end" wrap="nowrap">
            {button(operate, t(isOn ? "deed.disable" : "deed.enable"), t(isOn ? "key.disableLabel" : "key.enableLabel", { key: shown(row) }), () => turn(row))}
            {button(sensitive, t("deed.delete"), t("key.deleteLabel", { key: shown(row) }), () => remove(row))}
          </Group>
        )
      },
    },
  ]
  const data = found.data
  return (
    <Panel flush>
      <div className={classes.bar}>
        <NativeSelect
          size="xs"
          aria-label={t("filter.status")}
          value={String(state)}
          data={[
            { value: "0", label: t("key.all") },
            ...[ENABLED, DISABLED, AUTO_DISABLED].map((one) => ({ value: String(one), label: t(`status.${statusOf(one)[1]}`) })),
          ]}
          onChange={(event) => look({ state: Number(event.currentTarget.value) || undefined })}
        />
        {data && (
          <Text size="sm" className="dim">
            {t("key.counts", { on: data.on, off: data.by_hand, auto: data.by_itself })}
          </Text>
        )}
        <Group gap="xs" ms="auto">
          {button(operate, t("key.enableAll"), t("key.enableAll"), () => attempt(act("enable_all_keys", t("key.allOn"))))}
          {button(sensitive, t("key.deleteOff"), t("key.deleteOff"), removeOff)}
        </Group>
      </div>
      <DataTable<KeyRow>
        label={t("key.label")}
        columns={columns}
        rows={data?.items}
        idOf={(row) => row.position}
        error={found.isError && !data ? found.error : undefined}
        retry={() => void found.refetch()}
        empty={{ title: t("key.none"), action: <Button variant="default" onClick={() => look({ state: undefined })}>{t("key.all")}</Button> }}
        stale={found.isPlaceholderData}
      />
      {data && data.total > size && <Pager page={data.page} size={size} total={data.total} onPage={(next) => look({ page: next })} onSize={setSize} />}
      {dialog}
    </Panel>
  )
}
