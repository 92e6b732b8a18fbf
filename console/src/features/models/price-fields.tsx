/** The fields of a price: USD per million tokens by bucket, or USD per call. */
import { Button, NumberInput, SegmentedControl, Stack } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { price as written } from "@/lib/format"
import classes from "./models.module.css"
import { effective, MAIN_BUCKETS, OTHER_BUCKETS, type Bucket, type Draft, type OutputRule, type Part, type Way } from "./prices"

interface Props {
  draft: Draft
  way: Way
  /** How output follows input; null for several models, whose rules differ. */
  output: OutputRule | null
  onDraft: (draft: Draft) => void
  onWay: (way: Way) => void
}

const DECIMALS = 9
const UNKNOWN: OutputRule = { output_factor: NaN, is_output_fixed: false }

export function PriceFields({ draft, way, output, onDraft, onWay }: Props) {
  const { t } = useTranslation("models")
  const [more, setMore] = useState(OTHER_BUCKETS.some((bucket) => draft[bucket] !== undefined))
  const rule = effective(draft, way, output ?? UNKNOWN)
  const field = (part: Part, label: string, first = false) => {
    const fixed = part === "output" && output?.is_output_fixed === true
    const byRule = part === "per_call" ? NaN : (rule?.[part as Bucket] ?? NaN)
    return (
      <NumberInput
        key={part}
        label={label}
        prefix="$"
        hideControls
        allowNegative={false}
        decimalScale={DECIMALS}
        disabled={fixed}
        description={fixed ? t("fixedOutput", { factor: output.output_factor }) : undefined}
        inputWrapperOrder={["label", "input", "description"]}
        value={fixed ? (rule?.output ?? "") : (draft[part] ?? "")}
        placeholder={Number.isFinite(byRule) && draft[part] === undefined ? t("rule", { price: written(byRule) }) : undefined}
        data-autofocus={first || undefined}
        autoFocus={first}
        onChange={(value) => onDraft({ ...draft, [part]: value === "" ? undefined : Number(value) })}
      />
    )
  }
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={t("way.label")}
        value={way}
        onChange={(value) => onWay(value as Way)}
        data={[
          { value: "tokens", label: t("way.tokens") },
          { value: "call", label: t("way.call") },
        ]}
      />
      {way === "call" ? (
        field("per_call", t("field.per_call"), true)
      ) : (
        <div className={classes.fields}>
          {MAIN_BUCKETS.map((bucket) => field(bucket, t(`field.${bucket}`), bucket === "input"))}
          {more && OTHER_BUCKETS.map((bucket) => field(bucket, t(`field.${bucket}`)))}
        </div>
      )}
      {way === "tokens" && !more && (
        <div>
          <Button variant="subtle" size="compact-sm" onClick={() => setMore(true)}>
            {t("moreFields")}
          </Button>
        </div>
      )}
    </Stack>
  )
}
