/** The first run: an account, how the gateway will be used, a channel, a key, an answer. */
import "@/styles/console"
import { useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { PublicFrame } from "@/components/layout/public-frame"
import { SkeletonRows } from "@/components/ui/states"
import { useVisitor } from "@/lib/session"
import { useTitle } from "@/lib/title"
import { AccountStep } from "./account"
import { hasChannel } from "./api"
import { AskStep } from "./ask"
import { ChannelStep } from "./channel"
import classes from "./first-run.module.css"
import { STEPS, type Search, type Step } from "./search"
import { UseStep } from "./use"

const route = getRouteApi("/setup")

function Progress({ at }: { at: Step }) {
  const { t } = useTranslation("first-run")
  const reached = STEPS.indexOf(at)
  return (
    <ol className={classes.steps} aria-label={t("steps")}>
      {STEPS.map((step, index) => (
        <li key={step} aria-current={step === at ? "step" : undefined} data-done={index < reached || undefined}>
          {t(`step.${step}`)}
        </li>
      ))}
    </ol>
  )
}

/** The step in the address; without one, the first that is still to be done. */
function useStep(search: Search): Step | undefined {
  const visitor = useVisitor()
  const channels = useQuery({ queryKey: ["channels", "any"], queryFn: hasChannel, enabled: visitor !== null && !search.step })
  if (!visitor) return "account"
  if (search.step && search.step !== "account") return search.step
  return channels.isPending ? undefined : channels.data ? "ask" : "use"
}

export function FirstRun() {
  const { t } = useTranslation("first-run")
  const search = route.useSearch()
  const go = useNavigate()
  const [tested, setTested] = useState("")
  const step = useStep(search)
  useTitle(t("title"))
  const to = (next: Step, more: Search = {}) => void go({ to: "/setup", search: { step: next, ...more } })
  const leave = () => void go({ to: "/overview" })
  return (
    <PublicFrame enter={false}>
      <main className={classes.main}>
        {step && <Progress at={step} />}
        {!step && <SkeletonRows rows={4} />}
        {step === "account" && <AccountStep onDone={() => to("use")} />}
        {step === "use" && <UseStep onDone={() => to("channel")} />}
        {step === "channel" && (
          <ChannelStep
            onDone={(said) => {
              setTested(said)
              to("ask")
            }}
          />
        )}
        {step === "ask" && <AskStep keyId={search.key} tested={tested} onKey={(key) => to("ask", { key })} onLeave={leave} />}
      </main>
    </PublicFrame>
  )
}
