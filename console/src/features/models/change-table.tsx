/** Before and after, and what a group makes of it. */
import { useTranslation } from "react-i18next"
import { NOTHING, price as written } from "@/lib/format"
import classes from "./models.module.css"
import { tidy, type Change } from "./prices"

const shown = (amount: number | null) => (amount === null ? NOTHING : written(amount))

export function ChangeTable({ rows, group, ratio }: { rows: Change[]; group: string; ratio: number }) {
  const { t } = useTranslation("models")
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{t("change.part")}</th>
          <th scope="col">{t("change.before")}</th>
          <th scope="col">{t("change.after")}</th>
          <th scope="col">{t("change.final", { group })}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ part, before, after }) => (
          <tr key={part}>
            <th scope="row">{t(`bucket.${part}`)}</th>
            <td>{shown(before)}</td>
            <td className={before === after ? undefined : classes.changed}>{shown(after)}</td>
            <td>{after === null ? NOTHING : t("times", { price: written(after), ratio, final: written(tidy(after * ratio)) })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
