/** One user: balance and spend first, the account on its second tab. */
import { Anchor, Group, Stack, Tabs, Text } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { Stat } from "@/components/ui/stat"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { ago, day, money, whole } from "@/lib/format"
import { useUnit } from "@/lib/status"
import { Account } from "./account"
import { useUser, type User } from "./api"
import { BalanceForm } from "./balance-form"
import { UserStatus } from "./columns"
import { SpendPart } from "./spend"
import classes from "./users.module.css"

export type Tab = "spend" | "account"

export function UserSheet({ id, tab, onTab, onClose }: { id: number; tab: Tab; onTab: (tab: Tab) => void; onClose: () => void }) {
  const { t } = useTranslation("users")
  const { data, error, refetch } = useUser(id)
  return (
    <Sheet opened onClose={onClose} title={data?.username ?? t("user")}>
      {data ? (
        <Stack gap="md">
          <Group gap="md">
            <UserStatus user={data} />
            <Text size="sm">{t(`role.${data.role}`)}</Text>
            <Text size="sm">{t("inGroup", { group: data.group })}</Text>
            {data.email && (
              <Text size="sm" className="dim">
                {data.email}
              </Text>
            )}
          </Group>
          <Tabs value={tab} onChange={(value) => onTab(value as Tab)} keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="spend">{t("tab.spend")}</Tabs.Tab>
              <Tabs.Tab value="account">{t("tab.account")}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="spend" pt="md">
              <Money user={data} />
            </Tabs.Panel>
            <Tabs.Panel value="account" pt="md">
              <Account user={data} onGone={onClose} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Sheet>
  )
}

function Money({ user }: { user: User }) {
  const { t } = useTranslation("users")
  const unit = useUnit()
  const go = useNavigate()
  const requests = `/requests?user=${encodeURIComponent(user.username)}`
  return (
    <Stack gap="md">
      <div className={classes.stats}>
        <Stat label={t("column.balance")} value={money(user.quota, unit)} />
        <Stat label={t("column.used")} value={money(user.used_quota, unit)} />
        <Stat label={t("column.requests")} value={whole(user.request_count)} />
      </div>
      <Text size="sm" className="dim">
        {t("facts", { day: day(user.created_at), ago: ago(user.last_login_at) })}
      </Text>
      {user.remark && <Text size="sm">{user.remark}</Text>}
      <BalanceForm users={[user]} />
      <SpendPart id={user.id} />
      <Anchor
        size="sm"
        href={requests}
        onClick={(event) => {
          event.preventDefault()
          void go({ href: requests })
        }}
      >
        {t("requests", { name: user.username })}
      </Anchor>
    </Stack>
  )
}
