/** What narrows the list. Everything is in the address. */
import { Button, NativeSelect } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { FindField } from "@/components/ui/find-field"
import classes from "./channels.module.css"
import { isFiltered, STATES, type ChannelSearch } from "./search"

interface Props {
  search: ChannelSearch
  set: (change: Partial<ChannelSearch>) => void
  types: { value: string; label: string }[]
  groups: string[]
  tags: string[]
}

export function Filters({ search, set, types, groups, tags }: Props) {
  const { t } = useTranslation("channels")
  const choice = (label: string, value: string | undefined, data: { value: string; label: string }[], on: (value: string) => void) => (
    <NativeSelect size="xs" aria-label={label} value={value ?? ""} data={[{ value: "", label }, ...data]} onChange={(event) => on(event.currentTarget.value)} />
  )
  const plain = (names: string[]) => names.map((name) => ({ value: name, label: name }))
  return (
    <div className={classes.bar} role="search" aria-label={t("filter.label")}>
      <FindField size="xs" flex={undefined} maw={undefined} wrapperProps={{ "data-wide": true }} label={t("filter.text")} words={search.q} onFind={(q) => set({ q })} />
      {choice(t("filter.status"), search.status, STATES.map((state) => ({ value: state, label: t(`status.${state}`) })), (value) => set({ status: (value || undefined) as ChannelSearch["status"] }))}
      {choice(t("filter.provider"), search.type?.toString(), types, (value) => set({ type: value ? Number(value) : undefined }))}
      {choice(t("filter.group"), search.group, plain(groups), (value) => set({ group: value || undefined }))}
      {choice(t("filter.tag"), search.tag, plain(tags), (value) => set({ tag: value || undefined }))}
      {isFiltered(search) && (
        <Button size="xs" variant="subtle" onClick={() => set({ q: undefined, status: undefined, type: undefined, group: undefined, tag: undefined })}>
          {t("filter.clear")}
        </Button>
      )}
      <Button size="xs" variant={search.by === "tag" ? "light" : "default"} aria-pressed={search.by === "tag"} onClick={() => set({ by: search.by === "tag" ? undefined : "tag" })} style={{ marginInlineStart: "auto" }}>
        {t("filter.byTag")}
      </Button>
    </div>
  )
}
