/** The columns of the list of users. */
import { Anchor } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import type { Column } from "@/components/data-table/data-table"
import { StatusPill } from "@/components/ui/status-pill"
import { ago, dateTime, money, NOTHING, whole } from "@/lib/format"
import { useUnit } from "@/lib/status"
import { ENABLED, useSums, type User } from "./api"
import type { UserSearch } from "./index"
import classes from "./users.module.css"

export function UserStatus({ user }: { user: User }) {
  const { t } = useTranslation("users")
  if (user.DeletedAt) return <StatusPill tone="off">{t("status.deleted")}</StatusPill>
  return user.status === ENABLED ? <StatusPill tone="ok">{t("status.enabled")}</StatusPill> : <StatusPill tone="off">{t("status.disabled")}</StatusPill>
}

export function Moment({ at }: { at: number }) {
  return at > 0 ? <span title={dateTime(at)}>{ago(at)}</span> : NOTHING
}

export function useColumns(search: UserSearch, users: User[]): Column<User>[] {
  const { t } = useTranslation("users")
  const unit = useUnit()
  const found = useSums(users.map(({ id }) => id))
  const sums = found.isPlaceholderData ? undefined : found.data
  const right = { textAlign: "right", cellsClassName: "num" } as const
  return [
    {
      accessor: "username",
      title: t("column.user"),
      sortable: true,
      render: (user) => (
        <span className={classes.who}>
          <Anchor data-row className="cut" title={user.username} renderRoot={(props) => <Link {...props} to="/users" search={{ ...search, open: user.id }} resetScroll={false} />}>
            {user.username}
          </Anchor>
          {user.display_name !== user.username && <span className="dim cut">{user.display_name}</span>}
        </span>
      ),
    },
    { accessor: "status", title: t("column.status"), width: 112, render: (user) => <UserStatus user={user} /> },
    { accessor: "role", title: t("column.role"), width: 110, render: (user) => t(`role.${user.role}`) },
    { accessor: "group", title: t("column.group"), sortable: true, width: 110 },
    { ...right, accessor: "quota", title: t("column.balance"), sortable: true, width: 116, render: (user) => money(user.quota, unit) },
    { ...right, accessor: "spend", title: t("column.month"), width: 110, render: (user) => (sums ? money(sums.get(user.id)?.charge ?? 0, unit) : NOTHING) },
    { ...right, accessor: "used_quota", title: t("column.used"), width: 110, render: (user) => money(user.used_quota, unit) },
    { ...right, accessor: "request_count", title: t("column.requests"), width: 100, render: (user) => whole(user.request_count) },
    { ...right, accessor: "active", title: t("column.active"), width: 130, render: (user) => <Moment at={Math.max(user.last_login_at, sums?.get(user.id)?.last_hour ?? 0)} /> },
  ]
}
