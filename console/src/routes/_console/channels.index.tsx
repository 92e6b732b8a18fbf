import { createFileRoute } from "@tanstack/react-router"
import { Channels } from "@/features/channels"
import { channelSearch } from "@/features/channels/search"
import { forAdmins } from "@/lib/guards"

export const Route = createFileRoute("/_console/channels/")({ validateSearch: channelSearch, beforeLoad: forAdmins, component: Channels })
