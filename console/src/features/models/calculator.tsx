/** What would this call cost? */
import { NumberInput, Stack, Text, Title } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { usd } from "@/lib/format"
import classes from "./models.module.css"
import { costOf, type Call, type Price } from "./prices"

const EXAMPLE: Call = { input: 1000, cached: 0, output: 500 }

export function Calculator({ price, group, ratio }: { price: Price; group: string; ratio: number }) {
  const { t } = useTranslation("models")
  const [call, setCall] = useState(EXAMPLE)
  const field = (part: keyof Call) => (
    <NumberInput
      key={part}
      label={t(`call.${part}`)}
      value={call[part]}
      min={0}
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator
      hideControls
      onChange={(value) => setCall({ ...call, [part]: Number(value) || 0 })}
    />
  )
  return (
    <Stack gap="sm" className={classes.part}>
      <Title order={3}>{t("call.title")}</Title>
      {price.per_call == null && <div className={classes.three}>{(["input", "cached", "output"] as const).map(field)}</div>}
      <Text role="status">{t("call.costs", { cost: usd(costOf(price, call, ratio)), group })}</Text>
    </Stack>
  )
}
