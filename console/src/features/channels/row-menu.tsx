/** What can be done to one channel, from its row. */
import { ActionIcon, Group, Menu } from "@mantine/core"
import { IconDots, IconPlayerPlay } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { done } from "@/lib/notify"
import { ENABLED, type ChannelRow } from "./api"
import { useDeeds } from "./deeds"
import { Guarded, useLack } from "./rights"
import { runTest, useOutcome } from "./tests"

export function RowMenu({ row }: { row: ChannelRow }) {
  const { t } = useTranslation("channels")
  const go = useNavigate()
  const operate = useLack("operate")
  const sensitive = useLack("sensitive_write")
  const deeds = useDeeds()
  const isRunning = useOutcome(row.id)?.state === "running"
  const { name, id } = row
  const copy = async () => {
    const made = await deeds.copy({ id, suffix: t("copy.suffix") })
    if (!made) return
    done(t("copy.done", { name }))
    await go({ to: "/channels/$id", params: { id: String(made.id) } })
  }
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      <Guarded lack={operate}>
        {(off) => (
          <ActionIcon variant="subtle" color="gray" size="sm" disabled={off || isRunning} aria-label={t("test.one", { name })} title={t("test.one", { name })} onClick={() => void runTest(id)}>
            <IconPlayerPlay size={15} />
          </ActionIcon>
        )}
      </Guarded>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("row.more", { name })}>
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void go({ to: "/channels/$id", params: { id: String(id) } })}>{t("common:action.edit")}</Menu.Item>
          <Menu.Item onClick={() => void go({ to: "/channels/$id", params: { id: String(id) }, search: { tab: "test" } })}>{t("row.test")}</Menu.Item>
          <Menu.Item disabled={Boolean(operate)} title={operate || undefined} onClick={() => deeds.turn([row], row.status !== ENABLED)}>
            {t(row.status === ENABLED ? "deed.disable" : "deed.enable")}
          </Menu.Item>
          <Menu.Item disabled={Boolean(sensitive)} title={sensitive || undefined} onClick={() => void copy()}>
            {t("deed.copy")}
          </Menu.Item>
          <Menu.Item disabled={Boolean(sensitive)} title={sensitive || undefined} color="var(--mantine-color-error)" onClick={() => deeds.remove([row])}>
            {t("deed.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
