/** Which users are shown. */
import { NativeSelect } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { FindField } from "@/components/ui/find-field"
import { useGroups } from "./api"
import type { UserSearch } from "./index"
import classes from "./users.module.css"

export function Filters({ search, onChange }: { search: UserSearch; onChange: (changed: UserSearch) => void }) {
  const { t } = useTranslation("users")
  const groups = useGroups().data ?? []
  const choice = (label: string, value: string | undefined, data: { value: string; label: string }[], set: (value: string | undefined) => void) => (
    <NativeSelect aria-label={label} value={value ?? ""} data={data} onChange={(event) => set(event.currentTarget.value || undefined)} />
  )
  return (
    <search className={classes.filters}>
      <FindField label={t("find")} words={search.find} onFind={(find) => onChange({ find })} />
      {choice(t("filter.group"), search.group, [{ value: "", label: t("filter.anyGroup") }, ...groups.map((name) => ({ value: name, label: name }))], (group) => onChange({ group }))}
      {choice(
        t("filter.role"),
        search.role,
        [
          { value: "", label: t("filter.anyRole") },
          { value: "1", label: t("role.1") },
          { value: "10", label: t("role.10") },
          { value: "100", label: t("role.100") },
        ],
        (role) => onChange({ role }),
      )}
      {choice(
        t("filter.status"),
        search.status,
        [
          { value: "", label: t("filter.anyStatus") },
          { value: "1", label: t("status.enabled") },
          { value: "2", label: t("status.disabled") },
          { value: "-1", label: t("status.deleted") },
        ],
        (status) => onChange({ status }),
      )}
    </search>
  )
}
