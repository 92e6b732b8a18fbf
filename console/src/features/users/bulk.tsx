/** What is done to the selected users together. */
import { Button, NativeSelect, Stack, Text } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useConfirm } from "@/components/ui/confirm"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { useAct, useGroups, type User } from "./api"
import { BalanceForm } from "./balance-form"
import classes from "./users.module.css"

const PLAIN = { group: "", quota: 0, reason: "" }

export function Bulk({ users, onDone }: { users: User[]; onDone: () => void }) {
  const { t } = useTranslation("users")
  const groups = useGroups().data ?? []
  const act = useAct()
  const [dialog, ask] = useConfirm()
  const [funding, setFunding] = useState(false)
  const ids = users.map(({ id }) => id)
  const names = users.map(({ username }) => username).join(", ")
  const run = async (body: { action: "enable" | "disable" | "group"; group?: string }) => {
    const count = await act.mutateAsync({ ...PLAIN, ids, ...body })
    done(t("bulk.done", { count }))
    onDone()
  }
  return (
    <div className={classes.bar}>
      <Text size="sm">{t("bulk.selected", { count: users.length })}</Text>
      <Button size="xs" onClick={() => setFunding(true)}>
        {t("bulk.balance")}
      </Button>
      <Button size="xs" variant="default" onClick={() => void run({ action: "enable" }).catch(() => undefined)}>
        {t("access.enable")}
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => ask({ title: t("bulk.disableTitle", { count: users.length }), text: t("bulk.disableText", { names }), act: t("disable.act"), run: () => run({ action: "disable" }) })}
      >
        {t("disable.act")}
      </Button>
      <NativeSelect
        size="xs"
        aria-label={t("bulk.group")}
        value=""
        data={[{ value: "", label: t("bulk.group") }, ...groups.map((name) => ({ value: name, label: name }))]}
        onChange={(event) => {
          const group = event.currentTarget.value
          if (group)
            ask({ title: t("bulk.groupTitle", { count: users.length, group }), text: t("bulk.groupText", { names, group }), act: t("bulk.groupAct"), run: () => run({ action: "group", group }) })
        }}
      />
      <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
        {t("bulk.none")}
      </Button>
      {act.error && <ErrorState error={act.error} />}
      {dialog}
      <Sheet opened={funding} onClose={() => setFunding(false)} title={t("bulk.balanceTitle", { count: users.length })}>
        <Stack>
          <Text size="sm">{names}</Text>
          <BalanceForm
            users={users}
            onSaved={() => {
              setFunding(false)
              onDone()
            }}
          />
        </Stack>
      </Sheet>
    </div>
  )
}
