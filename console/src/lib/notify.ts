/** A short word that something was done. Failures are told in place, where they stay. */
import { notifications } from "@mantine/notifications"
import i18next from "i18next"

export function done(message: string): void {
  notifications.show({
    message,
    role: "status",
    color: "ink",
    autoClose: 4000,
    withBorder: true,
    closeButtonProps: { "aria-label": i18next.t("common:action.close") },
  })
}
