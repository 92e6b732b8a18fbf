/** How to call a model with a key: base URL, and a program for every popular client. */
import { NativeSelect, Stack, Tabs, Text } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { CodeBlock } from "@/components/ui/code-block"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { useBaseUrl } from "@/lib/status"
import { answering, callableQuery } from "./callable"
import { CLIENTS, sample, type Client } from "./samples"
import classes from "./snippets.module.css"

interface Props {
  /** The whole key, with its `sk-`. */
  apiKey: string
  group: string
  /** The models the key is limited to; none when it is not. */
  limits?: string[]
  /** Preferred over the first model that is served and priced. */
  preferred?: string
}

export function Snippets({ apiKey, group, limits = [], preferred = "" }: Props) {
  const { t } = useTranslation("snippets")
  const base = useBaseUrl()
  const models = useQuery(callableQuery(group))
  const [chosen, choose] = useState(preferred)
  const [client, show] = useState<Client>("curl")
  if (models.error) return <ErrorState error={models.error} retry={() => void models.refetch()} />
  if (!models.data) return <SkeletonRows rows={3} />
  const names = answering(models.data, limits)
  const model = names.includes(chosen) ? chosen : names[0]
  if (!model) return <Text className="dim">{t("none")}</Text>
  return (
    <Stack gap="sm">
      {names.length > 1 && (
        <NativeSelect label={t("model")} data={names} value={model} onChange={(event) => choose(event.currentTarget.value)} />
      )}
      <Tabs value={client} onChange={(value) => show(value as Client)} keepMounted={false}>
        <Tabs.List className={classes.clients} aria-label={t("clients")}>
          {CLIENTS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`client.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={client} pt="xs">
          <CodeBlock code={sample(client, { base, key: apiKey, model })} label={t(`client.${client}`)} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}
