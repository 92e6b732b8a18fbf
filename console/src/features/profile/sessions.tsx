/** Where one is signed in. */
import { Button, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useConfirm } from "@/components/ui/confirm"
import { Panel } from "@/components/ui/panel"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { ago, dateTime } from "@/lib/format"
import { done } from "@/lib/notify"
import { endOthers, endSession, useSessions, type SessionView } from "./api"
import { deviceOf } from "./devices"
import classes from "./profile.module.css"

function One({ session, onEnd }: { session: SessionView; onEnd: (device: string) => void }) {
  const { t } = useTranslation("profile")
  const device = deviceOf(session.user_agent) || t("sessions.unknown")
  return (
    <li>
      <div>
        <Text fw={600}>{session.current ? t("sessions.current", { device }) : device}</Text>
        <Text size="sm" className="dim" title={dateTime(session.last_active_at)}>
          {t("sessions.facts", { ip: session.ip, active: ago(session.last_active_at), since: dateTime(session.created_at) })}
        </Text>
      </div>
      {!session.current && (
        <Button size="xs" variant="default" flex="none" onClick={() => onEnd(device)}>
          {t("sessions.end")}
        </Button>
      )}
    </li>
  )
}

export function Sessions() {
  const { t } = useTranslation("profile")
  const { data, error, refetch } = useSessions()
  const [dialog, ask] = useConfirm()
  const end = (sid: string, device: string) =>
    ask({
      title: t("sessions.endTitle"),
      text: t("sessions.endText", { device }),
      act: t("sessions.end"),
      run: async () => {
        await endSession(sid)
        done(t("sessions.ended"))
      },
    })
  const others = () =>
    ask({
      title: t("sessions.others"),
      text: t("sessions.othersText"),
      act: t("sessions.others"),
      run: async () => {
        await endOthers()
        done(t("sessions.ended"))
      },
    })
  const action = (data?.length ?? 0) > 1 && (
    <Button size="xs" variant="default" onClick={others}>
      {t("sessions.others")}
    </Button>
  )
  return (
    <Panel title={t("sessions.title")} action={action} flush>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={2} />}
      {data && (
        <ul className={classes.sessions}>
          {data.map((session) => (
            <One key={session.sid} session={session} onEnd={(device) => end(session.sid, device)} />
          ))}
        </ul>
      )}
      {dialog}
    </Panel>
  )
}
