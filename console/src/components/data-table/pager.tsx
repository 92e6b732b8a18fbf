/** Which rows of how many, and the way to others. */
import { Button, Group, NativeSelect, Text } from "@mantine/core"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { whole } from "@/lib/format"

const SIZES = [20, 50, 100]

interface Props {
  page: number
  size: number
  total: number
  onPage: (page: number) => void
  onSize: (size: number) => void
}

export function Pager({ page, size, total, onPage, onSize }: Props) {
  const { t } = useTranslation()
  const last = Math.max(1, Math.ceil(total / size))
  // The last row of the last page may have been deleted.
  useEffect(() => {
    if (page > last) onPage(last)
  }, [page, last, onPage])
  const from = total === 0 ? 0 : (page - 1) * size + 1
  return (
    <Group justify="space-between" p="xs" component="nav" aria-label={t("table.pages")}>
      <Text size="sm" className="dim">
        {t("table.range", { from: whole(from), to: whole(Math.min(total, page * size)), total: whole(total) })}
      </Text>
      <Group gap="xs">
        <NativeSelect
          size="xs"
          aria-label={t("table.pageSize")}
          value={String(size)}
          data={SIZES.map((one) => ({ value: String(one), label: t("table.rows", { count: one }) }))}
          onChange={(event) => onSize(Number(event.currentTarget.value))}
        />
        <Button size="xs" variant="default" disabled={page <= 1} onClick={() => onPage(page - 1)}>
          {t("table.previous")}
        </Button>
        <Button size="xs" variant="default" disabled={page >= last} onClick={() => onPage(page + 1)}>
          {t("table.next")}
        </Button>
      </Group>
    </Group>
  )
}
