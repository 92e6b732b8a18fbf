/** The fine rights on channels, and controls that say why they are off. */
import { useTranslation } from "react-i18next"
import type { ReactNode } from "react"
import { useSelf } from "@/lib/session"

export type Right = "operate" | "write" | "sensitive_write"

/** Empty when the caller has the right, else the sentence that names what is missing. */
export function useLack(right: Right): string {
  const { t } = useTranslation("channels")
  const held = useSelf().permissions.admin_permissions.channel
  return held?.[right] ? "" : t("rights.lacks", { right: `channel.${right}`, what: t(`rights.${right}`) })
}

/** A control that is off for want of a right keeps its place and tells the reason. */
export function Guarded({ lack, children }: { lack: string; children: (disabled: boolean) => ReactNode }) {
  return lack ? <span title={lack}>{children(true)}</span> : children(false)
}
