/** One price for several models, saved together or not at all. */
import { Button, Stack, Title } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState } from "@/components/ui/states"
import { NOTHING, price as written } from "@/lib/format"
import { done } from "@/lib/notify"
import { useSavePrices } from "./api"
import classes from "./models.module.css"
import { PriceFields } from "./price-fields"
import { effective, sent, type Draft, type ModelRow, type Price, type Way } from "./prices"

function brief(price: Price | null): string {
  if (!price) return NOTHING
  return price.per_call != null ? written(price.per_call) : `${written(price.input ?? 0)} / ${written(price.output ?? 0)}`
}

export function SeveralSheet({ rows, onClose, onSaved }: { rows: ModelRow[]; onClose: () => void; onSaved: () => void }) {
  const { t } = useTranslation("models")
  const [draft, setDraft] = useState<Draft>({})
  const [way, setWay] = useState<Way>("tokens")
  const save = useSavePrices()
  const isWhole = (way === "call" ? draft.per_call : draft.input) !== undefined
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!isWhole) return
    const saved = await save.mutateAsync(rows.map((row) => ({ model: row.model, revision: row.revision, price: sent(draft, way, row) }))).then(
      () => true,
      () => false,
    )
    if (!saved) return
    done(t("several.saved", { count: rows.length }))
    onSaved()
  }
  return (
    <Sheet opened onClose={onClose} title={t("several.title", { count: rows.length })}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <PriceFields draft={draft} way={way} output={null} onDraft={setDraft} onWay={setWay} />
          {save.error && <ErrorState error={save.error} />}
          <div>
            <Button type="submit" disabled={!isWhole} loading={save.isPending}>
              {t("several.save", { count: rows.length })}
            </Button>
          </div>
          <Stack gap="xs" className={classes.part}>
            <Title order={3}>{t("change.title")}</Title>
            <table className="figures">
              <thead>
                <tr>
                  <th scope="col">{t("column.model")}</th>
                  <th scope="col">{t("change.before")}</th>
                  <th scope="col">{t("change.after")}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.model}>
                    <th scope="row" className="mono">
                      {row.model}
                    </th>
                    <td>{brief(row.price)}</td>
                    <td className={classes.changed}>{brief(effective(draft, way, row))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Stack>
        </Stack>
      </form>
    </Sheet>
  )
}
