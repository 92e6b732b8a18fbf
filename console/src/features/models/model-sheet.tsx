/** One model: its price, what it costs in each group, who serves it. Root edits, others read. */
import { Anchor, Group, Stack, Text, Title } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Copyable } from "@/components/ui/copyable"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { isRoot, useSelf } from "@/lib/session"
import { useModel } from "./api"
import { Calculator } from "./calculator"
import { ChangeTable } from "./change-table"
import { ModelStatus } from "./columns"
import classes from "./models.module.css"
import { PriceForm } from "./price-form"
import { changes, type ModelView } from "./prices"

export function ModelSheet({ model, group, onClose }: { model: string; group: string; onClose: () => void }) {
  const { data, error, refetch } = useModel(model, group)
  return (
    <Sheet opened onClose={onClose} title={<Copyable text={model} />}>
      {data ? <Body view={data} group={group} reread={() => void refetch()} onClose={onClose} /> : error ? <ErrorState error={error} retry={() => void refetch()} /> : <SkeletonRows />}
    </Sheet>
  )
}

function Body({ view, group, reread, onClose }: { view: ModelView; group: string; reread: () => void; onClose: () => void }) {
  const { t } = useTranslation("models")
  const root = isRoot(useSelf())
  const chosen = view.group_prices.find(({ name }) => name === group) ?? view.group_prices[0]
  const [name, ratio] = [chosen?.name ?? "", chosen?.ratio ?? 1]
  const family = view.priced_as !== view.model
  return (
    <Stack gap="md">
      <Group gap="md">
        <ModelStatus row={view} />
        <Text size="sm" className="dim">
          {family ? t("origin.family", { entry: view.priced_as }) : t(`origin.${view.origin}`)}
        </Text>
      </Group>
      {root && !family ? (
        <PriceForm key={view.revision} view={view} group={name} ratio={ratio} reread={reread} onSaved={onClose} />
      ) : (
        view.price && (
          <>
            <ReadOnly view={view} group={name} ratio={ratio} />
            <Calculator price={view.price} group={name} ratio={ratio} />
          </>
        )
      )}
      <Serving view={view} />
    </Stack>
  )
}

function ReadOnly({ view, group, ratio }: { view: ModelView; group: string; ratio: number }) {
  const rows = changes(null, view.price ?? null, view.own)
  return <ChangeTable rows={rows} group={group} ratio={ratio} />
}

function Serving({ view }: { view: ModelView }) {
  const { t } = useTranslation("models")
  const go = useNavigate()
  const groups = view.groups.join(", ")
  return (
    <Stack gap={4} className={classes.part}>
      <Title order={3}>{t("serving.title")}</Title>
      <Text size="sm">{groups ? t("serving.groups", { groups }) : t("serving.nowhere")}</Text>
      {view.serving.map((channel) => (
        <Text size="sm" key={channel.id}>
          <Anchor
            underline="always"
            href={`/channels/${channel.id}`}
            onClick={(event) => {
              event.preventDefault()
              void go({ href: `/channels/${channel.id}` })
            }}
          >
            {channel.name}
          </Anchor>{" "}
          <span className="dim">{t("serving.line", { id: channel.id, groups: channel.groups.join(", ") })}</span>
        </Text>
      ))}
    </Stack>
  )
}
