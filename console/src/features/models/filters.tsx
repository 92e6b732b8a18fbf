/** What the list shows, and in which group's money. */
import { NativeSelect } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { FindField } from "@/components/ui/find-field"
import { whole } from "@/lib/format"
import type { Show } from "./api"
import classes from "./models.module.css"
import type { GroupPrice } from "./prices"

interface Props {
  find: string
  show: Show
  group: string
  groups: GroupPrice[]
  counts?: { served: number; unpriced: number }
  wide: boolean
  onChange: (changed: { find?: string; show?: Show; group?: string }) => void
}

export function Filters({ find, show, group, groups, counts, wide, onChange }: Props) {
  const { t } = useTranslation("models")
  const shows: { value: Show; label: string }[] = [
    { value: "served", label: t("show.served", { count: whole(counts?.served ?? 0) }) },
    { value: "unpriced", label: t("show.unpriced", { count: whole(counts?.unpriced ?? 0) }) },
    ...(wide ? [{ value: "all" as const, label: t("show.all") }] : []),
  ]
  return (
    <search className={classes.filters}>
      <FindField label={t("find")} words={find} onFind={(words) => onChange({ find: words })} />
      <NativeSelect aria-label={t("show.label")} value={show} data={shows} onChange={(event) => onChange({ show: event.currentTarget.value as Show })} />
      <NativeSelect
        aria-label={t("inGroup")}
        value={group}
        data={groups.map(({ name, ratio }) => ({ value: name, label: t("groupTimes", { name, ratio }) }))}
        onChange={(event) => onChange({ group: event.currentTarget.value })}
      />
    </search>
  )
}
