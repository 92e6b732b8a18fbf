/** One channel: how it stands, its settings, its keys, its test. */
import { Button, Menu, Stack, Tabs } from "@mantine/core"
import { Link, useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Page } from "@/components/layout/page"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { ENABLED, useChannel, type Channel } from "../api"
import classes from "../channels.module.css"
import { useProviderName } from "../columns"
import { useDeeds, WithDeeds } from "../deeds"
import { object } from "../editor/draft"
import { Guarded, useLack } from "../rights"
import type { Tab } from "../search"
import { ChannelStatus } from "../status"
import { Settings } from "./settings"
import { KeysTab } from "./keys"
import { TestResult, TestTab } from "./test"

interface Props {
  id: number
  tab?: Tab
  page?: number
  state?: number
}

export function ChannelDetail(props: Props) {
  return (
    <WithDeeds>
      <Loaded {...props} />
    </WithDeeds>
  )
}

function Loaded(props: Props) {
  const { t } = useTranslation("channels")
  const found = useChannel(props.id)
  if (found.data) return <Detail channel={found.data} {...props} />
  return (
    <Page title={t("detail.title")}>
      {found.isError ? <ErrorState error={found.error} retry={() => void found.refetch()} /> : <SkeletonRows />}
      <Button component={Link} to="/channels" variant="default">
        {t("detail.back")}
      </Button>
    </Page>
  )
}

function Actions({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels")
  const go = useNavigate()
  const deeds = useDeeds()
  const operate = useLack("operate")
  const sensitive = useLack("sensitive_write")
  const isOn = channel.status === ENABLED
  const copy = async () => {
    const made = await deeds.copy({ id: channel.id, suffix: t("copy.suffix") })
    if (!made) return
    done(t("copy.done", { name: channel.name }))
    await go({ to: "/channels/$id", params: { id: String(made.id) } })
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default">{t("common:action.more")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={Boolean(sensitive)} title={sensitive || undefined} onClick={() => void copy()}>
            {t("deed.copy")}
          </Menu.Item>
          <Menu.Item disabled={Boolean(sensitive)} title={sensitive || undefined} color="var(--mantine-color-error)" onClick={() => deeds.remove([channel], () => void go({ to: "/channels" }))}>
            {t("deed.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Guarded lack={operate}>
        {(off) => (
          <Button variant="default" disabled={off} onClick={() => deeds.turn([channel], !isOn)}>
            {t(isOn ? "deed.disable" : "deed.enable")}
          </Button>
        )}
      </Guarded>
    </>
  )
}

function Detail({ channel, id, tab = "settings", page = 1, state = 0 }: Props & { channel: Channel }) {
  const { t } = useTranslation("channels")
  const go = useNavigate()
  const providerName = useProviderName()
  const told = object(channel.other_info)
  const isMulti = channel.channel_info.is_multi_key
  const shown = tab === "keys" && !isMulti ? "settings" : tab
  const open = (value: string | null) => void go({ to: "/channels/$id", params: { id: String(id) }, search: value === "settings" ? {} : { tab: value as Tab } })
  return (
    <Page title={channel.name || t("row.nameless", { id })} text={t("detail.text", { id, provider: providerName(channel.type) })} actions={<Actions channel={channel} />}>
      <Stack gap="sm" mb="md">
        <ChannelStatus status={channel.status} reason={String(told.status_reason ?? "")} at={Number(told.status_time ?? 0)} />
        <TestResult channel={channel} />
      </Stack>
      <Tabs value={shown} onChange={open} className={classes.tabs} keepMounted={false}>
        <Tabs.List aria-label={t("detail.tabs")} mb="md">
          <Tabs.Tab value="settings">{t("detail.settings")}</Tabs.Tab>
          {isMulti && <Tabs.Tab value="keys">{t("detail.keys", { count: channel.channel_info.multi_key_size })}</Tabs.Tab>}
          <Tabs.Tab value="test">{t("detail.test")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings" keepMounted>
          <Settings channel={channel} />
        </Tabs.Panel>
        {isMulti && (
          <Tabs.Panel value="keys">
            <KeysTab channel={channel} page={page} state={state} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="test">
          <TestTab channel={channel} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
