/** Filters that are used now and then, behind one button. */
import { Button, Checkbox, Popover, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconFilter } from "@tabler/icons-react"
import type { FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { isAdmin, useSelf } from "@/lib/session"
import { ADMIN_WORDS, countMore, WORDS, type RequestSearch } from "./search"

function local(at: number | undefined): string {
  if (at === undefined) return ""
  const moment = new Date(at * 1000)
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function unix(value: FormDataEntryValue | null): number | undefined {
  const at = Date.parse(String(value ?? ""))
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000)
}

export function MoreFilters({ search, onChange }: { search: RequestSearch; onChange: (change: RequestSearch) => void }) {
  const { t } = useTranslation("requests")
  const admin = isAdmin(useSelf())
  const [opened, { toggle, close }] = useDisclosure(false)
  const count = countMore(search)
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const words = Object.fromEntries(WORDS.map((name) => [name, String(given.get(name) ?? "")]))
    const stream = given.get("stream")
    onChange({ ...words, stream: stream === "yes" || stream === "no" ? stream : undefined, mine: given.has("mine") ? true : undefined, since: unix(given.get("since")), until: unix(given.get("until")) })
    close()
  }
  return (
    <Popover opened={opened} onChange={(open) => !open && close()} width={440} position="bottom-end" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilter size={15} />} onClick={toggle}>
          {count ? t("filter.moreCount", { count }) : t("filter.more")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("filter.more")}>
        <form onSubmit={apply}>
          <Stack gap="sm">
            <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs">
              {WORDS.filter((name) => admin || !ADMIN_WORDS.includes(name)).map((name) => (
                <TextInput key={name} name={name} size="xs" label={t(`filter.${name}`)} defaultValue={search[name] ?? ""} autoComplete="off" />
              ))}
              <Select
                name="stream"
                size="xs"
                label={t("filter.stream")}
                defaultValue={search.stream ?? "any"}
                data={["any", "yes", "no"].map((value) => ({ value, label: t(`stream.${value}`) }))}
                comboboxProps={{ withinPortal: false }}
                allowDeselect={false}
              />
              <TextInput key="since" name="since" type="datetime-local" size="xs" label={t("filter.since")} defaultValue={local(search.since)} />
              <TextInput key="until" name="until" type="datetime-local" size="xs" label={t("filter.until")} defaultValue={local(search.until)} />
            </SimpleGrid>
            {admin && <Checkbox name="mine" size="xs" label={t("filter.mine")} defaultChecked={search.mine} />}
            <Text size="xs" className="dim">
              {t("filter.hint")}
            </Text>
            <Button type="submit" size="xs">
              {t("filter.apply")}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
