/** From a failure to words: what happened, why, and the request id for whoever looks into it. */
import type { TFunction } from "i18next"
import { ApiError } from "@/lib/http"
import { RenewalFailed } from "@/lib/session"

export interface Explained {
  title: string
  text: string
  requestId: string
}

export function explained(error: unknown, t: TFunction): Explained {
  if (error instanceof RenewalFailed) return explained(new ApiError(error.message, error.status, "renewal", ""), t)
  if (!(error instanceof ApiError)) return { title: t("error.defect"), text: error instanceof Error ? error.message : String(error), requestId: "" }
  const { status, message, requestId } = error
  if (status === 0) return { title: t("error.network"), text: t("error.networkText"), requestId: "" }
  if (status === 401) return { title: t("error.signedOut"), text: t("error.signedOutText"), requestId }
  if (status === 403) return { title: t("error.forbidden"), text: message, requestId }
  if (status === 429) return { title: t("error.tooMany"), text: t("error.tooManyText"), requestId }
  if (status >= 500) return { title: t("error.server"), text: message || t("error.serverText"), requestId }
  return { title: message || t("error.refused"), text: "", requestId }
}
