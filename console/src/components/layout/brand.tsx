/** The site's name and mark, the way to the front page. */
import { Link } from "@tanstack/react-router"
import { Mark } from "@/components/ui/mark"
import { useStatus } from "@/lib/status"

export function Brand({ collapsed = false }: { collapsed?: boolean }) {
  const status = useStatus()
  const name = status?.system_name ?? "Faregate"
  return (
    <Link to="/" className="brand" aria-label={name}>
      <Mark />
      {!collapsed && <span className="cut">{name}</span>}
    </Link>
  )
}
