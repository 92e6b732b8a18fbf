/** The frame of the signed-in console. */
import "@/styles/console"
import { ActionIcon, Drawer, Kbd } from "@mantine/core"
import { useDisclosure, useLocalStorage } from "@mantine/hooks"
import { Notifications } from "@mantine/notifications"
import { IconLayoutSidebar, IconMenu2, IconSearch } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { useSelf } from "@/lib/session"
import { AccountMenu } from "./account-menu"
import { Bell } from "./bell"
import { Brand } from "./brand"
import classes from "./layout.module.css"
import { visible } from "./navigation"
import { Places, Sidebar } from "./sidebar"

const Palette = lazy(() => import("./palette"))
const SECOND_KEY_MS = 1200

/** `g` and then a letter goes to a page; ⌘K opens the palette. Off while something is typed. */
function useShortcuts(open: () => void): void {
  const go = useNavigate()
  const { role } = useSelf()
  const armed = useRef(0)
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault()
        return open()
      }
      const target = event.target as HTMLElement
      if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return
      const place = visible(role).flatMap(({ places }) => places).find(({ key }) => key === event.key)
      if (Date.now() - armed.current < SECOND_KEY_MS && place) void go({ to: place.to })
      armed.current = event.key === "g" ? Date.now() : 0
    }
    addEventListener("keydown", pressed)
    return () => removeEventListener("keydown", pressed)
  }, [go, open, role])
}

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const [collapsed, setCollapsed] = useLocalStorage({ key: "faregate.sidebar", defaultValue: false })
  const [menu, { open, close }] = useDisclosure(false)
  const [palette, setPalette] = useState(false)
  const [openPalette] = useState(() => () => setPalette(true))
  useShortcuts(openPalette)
  return (
    <>
      <a href="#content" className="skip">
        {t("nav.skip")}
      </a>
      <div className={classes.frame} data-collapsed={collapsed || undefined}>
        <Sidebar collapsed={collapsed} />
        <div className={classes.body}>
          <header className={classes.head}>
            <ActionIcon className={classes.burger} variant="subtle" color="gray" aria-label={t("nav.open")} onClick={open}>
              <IconMenu2 size={18} />
            </ActionIcon>
            <ActionIcon visibleFrom="sm" variant="subtle" color="gray" aria-label={t("nav.collapse")} aria-pressed={collapsed} onClick={() => setCollapsed(!collapsed)}>
              <IconLayoutSidebar size={18} />
            </ActionIcon>
            <button type="button" className={classes.find} onClick={openPalette}>
              <IconSearch size={15} aria-hidden="true" />
              <span className="cut">{t("palette.open")}</span>
              <Kbd size="xs" className={classes.findKeys} visibleFrom="sm">
                {t("palette.keys")}
              </Kbd>
            </button>
            <span style={{ marginInlineStart: "auto" }} />
            <Bell />
            <AccountMenu />
          </header>
          <main id="content" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <Drawer opened={menu} onClose={close} position="left" size={264} title={<Brand />} closeButtonProps={{ "aria-label": t("action.close") }}>
        <Places onGo={close} />
      </Drawer>
      {palette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} />
        </Suspense>
      )}
      <Notifications position="bottom-right" limit={3} />
    </>
  )
}
