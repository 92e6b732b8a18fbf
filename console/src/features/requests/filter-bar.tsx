/** The one filter bar: words, time, outcome, everything else behind a button. */
import { CloseButton, NativeSelect, SegmentedControl, TextInput } from "@mantine/core"
import { IconSearch } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { isRange, RANGES } from "@/lib/range"
import { MoreFilters } from "./more-filters"
import classes from "./requests.module.css"
import { KINDS, type Kind, type RequestSearch } from "./search"

interface Props {
  search: RequestSearch
  onChange: (change: RequestSearch) => void
}

function Words({ search, onChange }: Props) {
  const { t } = useTranslation("requests")
  const [words, setWords] = useState(search.text ?? "")
  return (
    <form
      role="search"
      className={classes.words}
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ text: words })
      }}
    >
      <TextInput
        data-filter
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        leftSection={<IconSearch size={15} />}
        rightSection={words && <CloseButton size="sm" aria-label={t("filter.clearText")} onClick={() => (setWords(""), onChange({ text: "" }))} />}
        placeholder={t("filter.text")}
        aria-label={t("filter.text")}
      />
    </form>
  )
}

export function FilterBar({ search, onChange }: Props) {
  const { t } = useTranslation("requests")
  const custom = search.since !== undefined || search.until !== undefined
  const ranges = [...RANGES, "all", ...(custom ? ["custom"] : [])]
  return (
    <div className={classes.bar}>
      <Words key={search.text} search={search} onChange={onChange} />
      <NativeSelect
        aria-label={t("filter.range")}
        value={custom ? "custom" : (search.range ?? "24h")}
        data={ranges.map((value) => ({ value, label: t(`range.${value}`) }))}
        onChange={(event) => {
          const { value } = event.currentTarget
          if (isRange(value) || value === "all") onChange({ range: value, since: undefined, until: undefined })
        }}
      />
      <SegmentedControl aria-label={t("filter.kind")} value={search.kind ?? "all"} data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} onChange={(value) => onChange({ kind: value as Kind })} />
      <MoreFilters key={JSON.stringify(search)} search={search} onChange={onChange} />
    </div>
  )
}
