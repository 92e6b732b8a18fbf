/** How the charge came about: tokens times price, line by line. */
import { Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { money, price, whole } from "@/lib/format"
import { useUnit } from "@/lib/status"
import type { Bill as Told } from "./api"
import classes from "./requests.module.css"

const NAMED = ["call", "input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "image_in", "audio_in", "output", "reasoning", "image_out", "audio_out"]

export function Bill({ bill }: { bill: Told }) {
  const { t } = useTranslation("requests")
  const unit = useUnit()
  return (
    <>
      <table className={classes.sums}>
        <thead>
          <tr>
            <th scope="col">{t("bill.item")}</th>
            <th scope="col" className="num">{t("bill.count")}</th>
            <th scope="col" className="num">{t("bill.price")}</th>
            <th scope="col" className="num">{t("bill.amount")}</th>
          </tr>
        </thead>
        <tbody>
          {bill.lines.map((line) => (
            <tr key={line.item}>
              <th scope="row">{NAMED.includes(line.item) ? t(`bucket.${line.item}`) : line.item}</th>
              <td className="num">{whole(line.count)}</td>
              <td className="num">{t(`bill.per.${line.per}`, { price: price(Number(line.usd)) })}</td>
              <td className="num">{money(Number(line.quota), unit)}</td>
            </tr>
          ))}
          {bill.rest && (
            <tr>
              <th scope="row" colSpan={3}>{t("bill.rest")}</th>
              <td className="num">{money(Number(bill.rest), unit)}</td>
            </tr>
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>{t("bill.charge")}</th>
            <td className="num">{money(bill.charge, unit)}</td>
          </tr>
        </tfoot>
      </table>
      <Text size="xs" className="dim" mt={6}>
        {t(bill.group_ratio === 1 ? "bill.note" : "bill.noteRatio", { ratio: bill.group_ratio, quota: whole(bill.charge) })}
      </Text>
    </>
  )
}
