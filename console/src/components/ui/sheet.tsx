/** The one drawer: details and forms beside their list. Focus goes to its first field and back to where it came from. */
import { Drawer } from "@mantine/core"
import { useEffect, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import classes from "./ui.module.css"

/** A sheet that comes and goes as a whole gives the focus back; one that stays and is opened has Mantine do so. */
function useFocusBack(): void {
  useEffect(() => {
    const from = document.activeElement
    return () => {
      setTimeout(() => {
        if (document.activeElement === document.body && from instanceof HTMLElement) from.focus({ preventScroll: true })
      })
    }
  }, [])
}

/** Put together by hand: the ready-made head is a `header`, a second banner of the page. */
export function Sheet({ opened, onClose, title, children, size = 560 }: { opened: boolean; onClose: () => void; title: ReactNode; children: ReactNode; size?: number }) {
  const { t } = useTranslation()
  useFocusBack()
  return (
    <Drawer.Root opened={opened} onClose={onClose} size={size} position="right" transitionProps={{ duration: 0 }} keepMounted={false}>
      <Drawer.Overlay />
      <Drawer.Content>
        <div className={classes.sheetHead}>
          <Drawer.Title>{title}</Drawer.Title>
          <Drawer.CloseButton aria-label={t("action.close")} />
        </div>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}
