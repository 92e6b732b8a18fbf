/** Names, and what the account has and has used. */
import { Button, Group, SimpleGrid, Stack, TextInput } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Panel } from "@/components/ui/panel"
import { Stat } from "@/components/ui/stat"
import { money, NOTHING, whole } from "@/lib/format"
import type { Self } from "@/lib/session"
import { useUnit } from "@/lib/status"
import { rename } from "./api"
import { useSaving } from "./saving"

export function Account({ self }: { self: Self }) {
  const { t } = useTranslation("profile")
  const unit = useUnit()
  const [name, setName] = useState(self.username)
  const [shown, setShown] = useState(self.display_name)
  const { busy, failure, save } = useSaving()
  return (
    <Stack>
      <Panel>
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Stat label={t("account.balance")} value={money(self.quota, unit)} />
          <Stat label={t("account.used")} value={money(self.used_quota, unit)} />
          <Stat label={t("account.requests")} value={whole(self.request_count)} />
          <Stat label={t("account.group")} value={self.group} />
        </SimpleGrid>
      </Panel>
      <Panel title={t("account.names")}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void save(() => rename(name, shown))
          }}
        >
          <Stack>
            {failure}
            <TextInput label={t("account.name")} description={t("account.nameHelp")} value={name} onChange={(event) => setName(event.currentTarget.value)} required withAsterisk={false} autoComplete="username" />
            <TextInput label={t("account.shown")} description={t("account.shownHelp")} value={shown} onChange={(event) => setShown(event.currentTarget.value)} autoComplete="nickname" />
            <TextInput label={t("account.email")} value={self.email || NOTHING} readOnly />
            <Group>
              <Button type="submit" loading={busy}>
                {t("common:action.save")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
    </Stack>
  )
}
