/** The list tag by tag, with what can be done to all channels of a tag. */
import { Button, Group, Text, Title } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { components } from "@/api/schema"
import { DataTable, type Column } from "@/components/data-table/data-table"
import type { ChannelRow } from "./api"
import classes from "./channels.module.css"
import { useDeeds } from "./deeds"
import { Guarded, useLack } from "./rights"
import { TagForm } from "./tag-form"

type TagCount = components["schemas"]["TagCount"]

export function TagGroups({ rows, columns, tags }: { rows: ChannelRow[]; columns: Column<ChannelRow>[]; tags: TagCount[] }) {
  const { t } = useTranslation("channels")
  const deeds = useDeeds()
  const operate = useLack("operate")
  const write = useLack("write")
  const [edited, edit] = useState<string | null>(null)
  // Their order is that of the tags.
  const unsorted = columns.map((column) => ({ ...column, sortable: false }))
  const names = [...new Set(rows.map(({ tag }) => tag))]
  const button = (lack: string, text: string, label: string, act: () => void) => (
    <Guarded lack={lack}>
      {(off) => (
        <Button size="compact-xs" variant="default" disabled={off} aria-label={label} onClick={act}>
          {text}
        </Button>
      )}
    </Guarded>
  )
  const actions = (tag: string) => {
    const count = tags.find((one) => one.tag === tag)
    return (
      <Group gap="xs">
        {count && (
          <Text size="sm" className="dim">
            {t("tag.count", { on: count.on, count: count.channels })}
          </Text>
        )}
        {button(operate, t("tag.on"), t("tag.onLabel", { tag }), () => deeds.turnTag(tag, true))}
        {button(operate, t("tag.off"), t("tag.offLabel", { tag }), () => deeds.turnTag(tag, false))}
        {button(write, t("common:action.edit"), t("tag.editLabel", { tag }), () => edit(tag))}
      </Group>
    )
  }
  return (
    <>
      {names.map((tag) => (
        <div key={tag}>
          <div className={classes.group}>
            <Title order={2} size="h3">
              {tag || t("tag.none")}
            </Title>
            {tag && actions(tag)}
          </div>
          <DataTable<ChannelRow> label={tag ? t("tag.channels", { tag }) : t("tag.channelsNone")} columns={unsorted} rows={rows.filter((row) => row.tag === tag)} idOf={(row) => row.id} empty={{ title: "" }} />
        </div>
      ))}
      {edited !== null && <TagForm key={edited} tag={edited} close={() => edit(null)} />}
    </>
  )
}
