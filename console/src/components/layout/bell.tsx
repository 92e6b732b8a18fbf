/** The site's notice and announcements, and whether there is something unread. */
import { ActionIcon, Indicator, Popover, Stack, Text } from "@mantine/core"
import { useLocalStorage } from "@mantine/hooks"
import { IconBell } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { day } from "@/lib/format"
import { api, take } from "@/lib/http"
import { statusQuery } from "@/lib/status"

interface Announcement {
  content: string
  publishDate?: string
  extra?: string
}

const FRESH_MS = 300_000

function useNews(): { notice: string; announcements: Announcement[] } {
  const notice = useQuery({ queryKey: ["notice"], queryFn: () => take(api.GET("/api/notice")), staleTime: FRESH_MS })
  const status = useQuery(statusQuery)
  const listed = (status.data as unknown as { announcements?: Announcement[] } | undefined)?.announcements
  return { notice: String(notice.data ?? ""), announcements: listed ?? [] }
}

export function Bell() {
  const { t } = useTranslation()
  const { notice, announcements } = useNews()
  const [seen, setSeen] = useLocalStorage({ key: "faregate.news-seen", defaultValue: "" })
  const present = JSON.stringify([notice, announcements.map(({ content }) => content)])
  const isEmpty = !notice && announcements.length === 0
  const unread = !isEmpty && present !== seen
  return (
    <Popover width={340} position="bottom-end" withArrow onOpen={() => setSeen(present)} trapFocus returnFocus>
      <Indicator disabled={!unread} color="red" size={8} offset={6}>
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t(unread ? "bell.unread" : "bell.open")}>
            <IconBell size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown>
        <Stack gap="sm">
          {isEmpty && <Text size="sm">{t("bell.empty")}</Text>}
          {notice && (
            <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
              {notice}
            </Text>
          )}
          {announcements.map(({ content, publishDate }, at) => (
            <div key={at}>
              {publishDate && (
                <Text size="xs" className="dim">
                  {day(Date.parse(publishDate) / 1000)}
                </Text>
              )}
              <Text size="sm">{content}</Text>
            </div>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
