/** The one navigation of the console. */
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useSelf } from "@/lib/session"
import { Brand } from "./brand"
import classes from "./layout.module.css"
import { visible } from "./navigation"

export function Places({ collapsed = false, onGo }: { collapsed?: boolean; onGo?: () => void }) {
  const { t } = useTranslation()
  const { role } = useSelf()
  return (
    <nav aria-label={t("nav.label")}>
      {visible(role).map((group) => (
        <div key={group.name}>
          {!collapsed && <div className={classes.group}>{t(group.name)}</div>}
          <ul className={classes.links}>
            {group.places.map(({ to, name, icon: Icon }) => (
              <li key={to}>
                <Link to={to} className={classes.link} aria-label={collapsed ? t(name) : undefined} title={collapsed ? t(name) : undefined} onClick={onGo}>
                  <Icon size={17} />
                  {!collapsed && t(name)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

export function Sidebar({ collapsed }: { collapsed: boolean }) {
  const { t } = useTranslation()
  return (
    <aside className={classes.side} aria-label={t("nav.side")}>
      <Brand collapsed={collapsed} />
      <Places collapsed={collapsed} />
    </aside>
  )
}
