/** One's own account: names and balance, security, appearance, notifications. */
import { getRouteApi, Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Page } from "@/components/layout/page"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { Account } from "./account"
import { useAccount } from "./api"
import { Appearance } from "./appearance"
import { Notifications } from "./notifications"
import classes from "./profile.module.css"
import { searchOf, TABS } from "./search"
import { Security } from "./security"

const route = getRouteApi("/_console/profile")

export function Profile() {
  const { t } = useTranslation("profile")
  const { tab = "account" } = route.useSearch()
  const { data: self, error, refetch } = useAccount()
  return (
    <Page title={t("common:nav.profile")}>
      <nav aria-label={t("parts")} className={classes.tabs}>
        {TABS.map((one) => (
          <Link key={one} to="/profile" search={searchOf({ tab: one })} className={classes.tab} aria-current={one === tab ? "page" : undefined} activeOptions={{ exact: true, includeSearch: true }}>
            {t(`tab.${one}`)}
          </Link>
        ))}
      </nav>
      <div className={classes.body}>
        {error && <ErrorState error={error} retry={() => void refetch()} />}
        {!self && !error && <SkeletonRows rows={5} />}
        {self && tab === "account" && <Account self={self} />}
        {self && tab === "security" && <Security />}
        {self && tab === "appearance" && <Appearance />}
        {self && tab === "notifications" && <Notifications self={self} />}
      </div>
    </Page>
  )
}
