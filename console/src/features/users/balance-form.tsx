/** Adding to a balance, taking from it or setting it, for a reason that the audit log keeps. */
import { Button, Group, NumberInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { money, usd } from "@/lib/format"
import { done } from "@/lib/notify"
import { useUnit } from "@/lib/status"
import { balanceAfter, isChange, quotaOf, type Way } from "./amounts"
import { useAct, type User } from "./api"
import classes from "./users.module.css"

const REASON = 255

export function BalanceForm({ users, onSaved }: { users: User[]; onSaved?: () => void }) {
  const { t } = useTranslation("users")
  const unit = useUnit()
  const [way, setWay] = useState<Way>("add")
  const [amount, setAmount] = useState<number>()
  const [reason, setReason] = useState("")
  const act = useAct()
  const possible = isChange(way, amount)
  const quota = quotaOf(amount ?? 0, unit)
  const only = users.length === 1 ? users[0] : undefined
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!possible) return
    const count = await act.mutateAsync({ ids: users.map(({ id }) => id), action: way, quota, reason, group: "" }).catch(() => 0)
    if (!count) return
    setAmount(undefined)
    setReason("")
    done(t("balance.saved", { count }))
    onSaved?.()
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <SegmentedControl
          aria-label={t("balance.way")}
          value={way}
          onChange={(value) => setWay(value as Way)}
          data={(["add", "subtract", "set"] as const).map((value) => ({ value, label: t(`balance.${value}`) }))}
        />
        <div className={classes.pair}>
          <NumberInput
            label={t("balance.amount")}
            prefix="$"
            hideControls
            allowNegative={false}
            decimalScale={6}
            thousandSeparator
            data-autofocus
            autoFocus
            value={amount ?? ""}
            onChange={(value) => setAmount(value === "" ? undefined : Number(value))}
          />
          <TextInput label={t("balance.reason")} maxLength={REASON} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        </div>
        {act.error && <ErrorState error={act.error} />}
        <Group>
          <Button type="submit" disabled={!possible} loading={act.isPending}>
            {possible ? t(`balance.do_${way}`, { amount: usd(amount ?? 0) }) : t(`balance.${way}`)}
          </Button>
          {possible && only && (
            <Text size="sm" role="status">
              {t("balance.change", { before: money(only.quota, unit), after: money(balanceAfter(only.quota, way, quota), unit) })}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  )
}
