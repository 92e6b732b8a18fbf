/** How a request ended, in a word. */
import { useTranslation } from "react-i18next"
import { StatusPill } from "@/components/ui/status-pill"
import type { RequestView } from "./api"

export function Outcome({ request }: { request: Pick<RequestView, "outcome" | "attempts" | "status_code"> }) {
  const { t } = useTranslation("requests")
  const { outcome, attempts, status_code } = request
  if (outcome === "failed") return <StatusPill tone="bad">{status_code ? t("outcome.failedWith", { code: status_code }) : t("outcome.failed")}</StatusPill>
  if (outcome === "broken") return <StatusPill tone="warn">{t("outcome.broken")}</StatusPill>
  if (attempts > 1) return <StatusPill tone="warn">{t("outcome.retried")}</StatusPill>
  return <StatusPill tone="ok">{t("outcome.answered")}</StatusPill>
}
