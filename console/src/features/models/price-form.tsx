/** Editing one model's price: fields, before and after, save or back to the shipped price. */
import { Button, Group, Stack, Title } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { useConfirm } from "@/components/ui/confirm"
import { ApiError } from "@/lib/http"
import { price as written } from "@/lib/format"
import { done } from "@/lib/notify"
import { useSavePrices } from "./api"
import { Calculator } from "./calculator"
import { ChangeTable } from "./change-table"
import classes from "./models.module.css"
import { PriceFields } from "./price-fields"
import { changes, draftOf, effective, isPerCall, sent, type ModelView, type Price, type Way } from "./prices"

const CHANGED = 409

interface Props {
  view: ModelView
  group: string
  ratio: number
  reread: () => void
  onSaved: () => void
}

export function PriceForm({ view, group, ratio, reread, onSaved }: Props) {
  const { t } = useTranslation("models")
  const [draft, setDraft] = useState(() => draftOf(view.price, view.own))
  const [way, setWay] = useState<Way>(isPerCall(view.price) ? "call" : "tokens")
  const [dirty, setDirty] = useState(false)
  const save = useSavePrices()
  const [dialog, ask] = useConfirm()
  const after = effective(draft, way, view)
  const store = async (price: Price | null) => {
    await save.mutateAsync([{ model: view.model, revision: view.revision, price }])
    done(t("saved", { model: view.model }))
    onSaved()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (after && dirty) store(sent(draft, way, view)).catch(() => undefined)
  }
  const changedElsewhere = save.error instanceof ApiError && save.error.status === CHANGED
  return (
    <>
      <form onSubmit={submit}>
        <Stack gap="md">
          <PriceFields
            draft={draft}
            way={way}
            output={view}
            onDraft={(given) => {
              setDraft(given)
              setDirty(true)
            }}
            onWay={(given) => {
              setWay(given)
              setDirty(true)
            }}
          />
          <Stack gap="xs" className={classes.part}>
            <Title order={3}>{dirty ? t("change.title") : t("change.now")}</Title>
            <ChangeTable rows={changes(view.price, after, [...view.own, ...Object.keys(draft)])} group={group} ratio={ratio} />
          </Stack>
          {save.error && (
            <ErrorState
              error={save.error}
              retry={
                changedElsewhere
                  ? () => {
                      save.reset()
                      reread()
                    }
                  : undefined
              }
            />
          )}
          <Group>
            <Button type="submit" disabled={!dirty || !after} loading={save.isPending}>
              {t("save")}
            </Button>
            {view.origin !== "shipped" && view.price && (
              <Button
                variant="default"
                onClick={() =>
                  ask({
                    title: t("reset.title"),
                    text: view.shipped ? t("reset.text", { model: view.model, price: brief(view.shipped) }) : t("reset.none", { model: view.model }),
                    act: t("reset.act"),
                    run: () => store(null),
                  })
                }
              >
                {t("reset.act")}
              </Button>
            )}
          </Group>
          {after && <Calculator price={after} group={group} ratio={ratio} />}
        </Stack>
      </form>
      {dialog}
    </>
  )
}

function brief(price: Price): string {
  return price.per_call != null ? written(price.per_call) : `${written(price.input ?? 0)} / ${written(price.output ?? 0)}`
}
