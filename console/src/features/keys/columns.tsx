/** The columns of the list of keys. */
import { ActionIcon, Anchor, Group, Text, Tooltip } from "@mantine/core"
import { IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react"
import { Link } from "@tanstack/react-router"
import type { TFunction } from "i18next"
import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import type { Column } from "@/components/data-table/data-table"
import { CopyButton } from "@/components/ui/copyable"
import { StatusPill, type Tone } from "@/components/ui/status-pill"
import { ago, dateTime, day, money, NOTHING } from "@/lib/format"
import type { Actions } from "./actions"
import { reveal, type Key } from "./api"
import type { State } from "./search"

const TONES: Record<State, Tone> = { on: "ok", off: "off", expired: "warn", used_up: "warn" }

export function KeyState({ state }: { state: State }) {
  const { t } = useTranslation("keys")
  return <StatusPill tone={TONES[state]}>{t(`state.${state}`)}</StatusPill>
}

/** The masked key; its button copies the whole one. */
export function Masked({ of: { id, hint, name } }: { of: Key }) {
  const { t } = useTranslation("keys")
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      <span className="mono cut">{hint.replace(/\*+/, "…")}</span>
      <CopyButton get={() => reveal(id)} label={t("copyKey", { name })} />
    </Group>
  )
}

function When({ at, near = false }: { at: number; near?: boolean }) {
  return at > 0 ? <span title={dateTime(at)}>{near ? ago(at) : day(at)}</span> : NOTHING
}

function Models({ names, t }: { names: string[]; t: TFunction }) {
  if (names.length < 2) return <span className="cut">{names[0] ?? t("keys:all")}</span>
  return (
    <Tooltip label={names.join(", ")} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
      {/* What a tooltip tells must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span tabIndex={0}>{t("keys:models", { count: names.length })}</span>
    </Tooltip>
  )
}

function RowActions({ of: key, actions }: { of: Key; actions: Actions }) {
  const { t } = useTranslation("keys")
  const on = key.state !== "off"
  const shown = { variant: "subtle", color: "gray", size: "sm" } as const
  const label = t(on ? "action.offNamed" : "action.onNamed", { name: key.name })
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      <ActionIcon {...shown} aria-label={label} title={label} onClick={() => void actions.switchTo([key], !on)}>
        {on ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
      </ActionIcon>
      <ActionIcon {...shown} aria-label={t("action.deleteNamed", { name: key.name })} title={t("action.deleteNamed", { name: key.name })} onClick={() => actions.askToDelete([key])}>
        <IconTrash size={15} />
      </ActionIcon>
    </Group>
  )
}

export function useColumns(actions: Actions, month: Record<string, number> | undefined, unit: number): Column<Key>[] {
  const { t } = useTranslation("keys")
  return useMemo(
    () => [
      {
        accessor: "name",
        title: t("column.name"),
        render: (key) => (
          <Anchor className="cut" display="block" maw={240} title={key.name} renderRoot={(props) => <Link {...props} from="/keys" to="/keys" search={(was) => ({ ...was, open: key.id })} data-row />}>
            {key.name || key.hint}
          </Anchor>
        ),
      },
      { accessor: "hint", title: t("column.key"), render: (key) => <Masked of={key} /> },
      { accessor: "state", title: t("column.status"), render: ({ state }) => <KeyState state={state} /> },
      { accessor: "month", title: t("column.month"), textAlign: "right", render: ({ id }) => <span className="num">{month ? money(month[id] ?? 0, unit) : NOTHING}</span> },
      {
        accessor: "used",
        title: t("column.used"),
        textAlign: "right",
        render: ({ used, limit }) => (
          <span className="num">
            {money(used, unit)} <span className="dim">/ {limit === null ? t("unlimited") : money(limit, unit)}</span>
          </span>
        ),
      },
      { accessor: "group", title: t("column.group"), render: ({ group }) => group || <span className="dim">{t("ownGroup")}</span> },
      { accessor: "models", title: t("column.models"), render: ({ models }) => <Models names={models} t={t} /> },
      { accessor: "last_used_at", title: t("column.lastUsed"), render: ({ last_used_at }) => <When at={last_used_at} near /> },
      { accessor: "expires_at", title: t("column.expires"), render: ({ expires_at }) => (expires_at > 0 ? <When at={expires_at} /> : <Text size="sm" component="span" className="dim">{t("never")}</Text>) },
      { accessor: "actions", title: t("column.actions"), textAlign: "right", render: (key) => <RowActions of={key} actions={actions} /> },
    ],
    [actions, month, unit, t],
  )
}
