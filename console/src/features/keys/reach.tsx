/** Which group a key calls in, and which models. */
import { Checkbox, MultiSelect, NativeSelect } from "@mantine/core"
import type { UseFormReturnType } from "@mantine/form"
import { useQuery } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { callableQuery } from "@/components/snippets/callable"
import { useSelf } from "@/lib/session"
import { useAutoGroups, useGroups } from "./api"
import type { Fields } from "./fields"

const AUTO = "auto"

function useGroupChoices(present: string) {
  const { t } = useTranslation("keys")
  const self = useSelf()
  const groups = useGroups().data ?? {}
  const named = Object.entries(groups).map(([name, { ratio, desc }]) => ({
    value: name,
    label: typeof ratio === "number" ? t("field.groupChoice", { name, desc, ratio }) : t("field.groupAuto", { name, desc }),
  }))
  const gone = present && !(present in groups) ? [{ value: present, label: present }] : []
  return [{ value: "", label: t("field.groupOwn", { name: self.group }) }, ...named, ...gone]
}

export function Reach({ form }: { form: UseFormReturnType<Fields> }) {
  const { t } = useTranslation("keys")
  const { group, models } = form.values
  const choices = useGroupChoices(group)
  const auto = useAutoGroups(group === AUTO).data
  const served = useQuery(callableQuery(group)).data ?? []
  const names = [...new Set([...served.map(({ name }) => name), ...models])]
  return (
    <>
      <NativeSelect label={t("field.group")} description={t("field.groupHelp")} data={choices} {...form.getInputProps("group")} />
      {group === AUTO && (
        <>
          <MultiSelect label={t("field.autoGroups")} description={t("field.autoGroupsHelp")} data={auto?.groups ?? []} maxValues={auto?.max_count} clearable {...form.getInputProps("auto_groups")} />
          <Checkbox label={t("field.crossGroup")} {...form.getInputProps("cross_group_retry", { type: "checkbox" })} />
        </>
      )}
      <MultiSelect
        label={t("field.models")}
        description={t("field.modelsHelp")}
        placeholder={models.length ? undefined : t("field.modelsAll")}
        data={names}
        searchable
        clearable
        limit={100}
        nothingFoundMessage={t("field.modelsNone")}
        {...form.getInputProps("models")}
      />
    </>
  )
}
