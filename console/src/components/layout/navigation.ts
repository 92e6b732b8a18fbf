/** The pages of the console, by who may see them. */
import {
  IconBox, IconGauge, IconHistory, IconKey, IconMessage, IconPlugConnected, IconSettings, IconUser, IconUsers,
} from "@tabler/icons-react"
import type { ComponentType } from "react"
import { ROLE_ADMIN, ROLE_ROOT } from "@/lib/session"

export interface Place {
  to: "/overview" | "/playground" | "/models" | "/keys" | "/requests" | "/channels" | "/users" | "/settings" | "/profile"
  name: string
  role: number
  icon: ComponentType<{ size?: number }>
  /** Second key after g. */
  key: string
}

export interface Group {
  name: string
  places: Place[]
}

const USER = 1

export const GROUPS: Group[] = [
  {
    name: "nav.build",
    places: [
      { to: "/overview", name: "nav.overview", role: USER, icon: IconGauge, key: "o" },
      { to: "/playground", name: "nav.playground", role: USER, icon: IconMessage, key: "p" },
      { to: "/keys", name: "nav.keys", role: USER, icon: IconKey, key: "k" },
    ],
  },
  { name: "nav.observe", places: [{ to: "/requests", name: "nav.requests", role: USER, icon: IconHistory, key: "r" }] },
  {
    name: "nav.operate",
    places: [
      { to: "/channels", name: "nav.channels", role: ROLE_ADMIN, icon: IconPlugConnected, key: "c" },
      { to: "/models", name: "nav.models", role: USER, icon: IconBox, key: "m" },
      { to: "/users", name: "nav.users", role: ROLE_ADMIN, icon: IconUsers, key: "u" },
    ],
  },
  {
    name: "nav.account",
    places: [
      { to: "/settings", name: "nav.settings", role: ROLE_ROOT, icon: IconSettings, key: "s" },
      { to: "/profile", name: "nav.profile", role: USER, icon: IconUser, key: "a" },
    ],
  },
]

/** The groups with what `role` may see; groups without a place are left out. */
export function visible(role: number): Group[] {
  return GROUPS.map((group) => ({ ...group, places: group.places.filter((place) => role >= place.role) })).filter(({ places }) => places.length > 0)
}
