/** The first step of a new channel: which provider. */
import { Text, TextInput } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Panel } from "@/components/ui/panel"
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states"
import { useProviders } from "../api"
import classes from "../channels.module.css"
import { BlockLink } from "../links"

export function ProviderChoice() {
  const { t } = useTranslation("channels")
  const [text, setText] = useState("")
  const found = useProviders()
  const wanted = text.trim().toLowerCase()
  const shown = found.data?.filter(({ name, base_url, type }) => `${name} ${base_url} ${type}`.toLowerCase().includes(wanted))
  return (
    <Panel title={t("provider.title")}>
      <TextInput aria-label={t("provider.find")} placeholder={t("provider.find")} value={text} onChange={(event) => setText(event.currentTarget.value)} mb="md" maw={340} autoFocus />
      {found.isError && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <SkeletonRows rows={4} />}
      {shown?.length === 0 && <EmptyState title={t("provider.none")} />}
      <ul className={classes.providers}>
        {shown?.map(({ type, name, base_url, address }) => (
          <li key={type}>
            <BlockLink to="/channels/new" search={{ type }} className={classes.provider}>
              <Text fw={600} size="sm">
                {name}
              </Text>
              <Text size="xs" className="dim cut">
                {base_url.replace("https://", "") || t(`provider.address_${address}`)}
              </Text>
            </BlockLink>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
