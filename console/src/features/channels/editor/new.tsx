/** A new channel: provider, credentials, verified, models preselected, saved, tested. */
import { Button } from "@mantine/core"
import { Link, useNavigate } from "@tanstack/react-router"
import { useRef } from "react"
import { useTranslation } from "react-i18next"
import { Page } from "@/components/layout/page"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { useCreate, useProviders, type Provider } from "../api"
import { TextLink } from "../links"
import { useLack } from "../rights"
import { runTest } from "../tests"
import { creationOf, EMPTY } from "./draft"
import { Sections, useDraft } from "./form"
import { ProviderChoice } from "./provider-choice"
import { LeaveGuard, SaveBar } from "./save-bar"

export function NewChannel({ type }: { type?: number }) {
  const { t } = useTranslation("channels")
  const providers = useProviders()
  const lack = useLack("sensitive_write")
  const provider = providers.data?.find((one) => one.type === type)
  const back = (
    <Button component={Link} to="/channels" variant="default">
      {t("new.cancel")}
    </Button>
  )
  if (lack) return <Page title={t("new.title")} text={lack} actions={back}>{null}</Page>
  if (type !== undefined && providers.isPending) return <Page title={t("new.title")}><SkeletonRows /></Page>
  if (type !== undefined && providers.isError)
    return (
      <Page title={t("new.title")}>
        <ErrorState error={providers.error} retry={() => void providers.refetch()} />
      </Page>
    )
  if (!provider)
    return (
      <Page title={t("new.title")} text={t("new.text")} actions={back}>
        <ProviderChoice />
      </Page>
    )
  return <NewForm key={provider.type} provider={provider} />
}

function NewForm({ provider }: { provider: Provider }) {
  const { t } = useTranslation("channels")
  const go = useNavigate()
  const create = useCreate()
  const isLeaving = useRef(false)
  const state = useDraft({ ...EMPTY, type: provider.type, name: provider.name })
  const save = async () => {
    if (!state.check(provider, true)) return
    const ids = await create.mutateAsync(creationOf(state.draft)).catch(() => [])
    const [id] = ids
    if (id === undefined) return
    isLeaving.current = true
    done(t("new.done", { count: ids.length, name: state.draft.name }))
    if (ids.length > 1) return go({ to: "/channels" })
    void runTest(id)
    return go({ to: "/channels/$id", params: { id: String(id) } })
  }
  const leave = () => {
    state.reset()
    create.reset()
  }
  return (
    <Page
      title={t("new.titleOf", { provider: provider.name })}
      text={t("new.steps")}
      actions={
        <TextLink to="/channels/new" search={{}} size="sm">
          {t("new.otherProvider")}
        </TextLink>
      }
    >
      <Sections state={state} provider={provider} saving={create.isPending} />
      <SaveBar
        count={state.changed.length}
        faults={Object.keys(state.faults).length}
        saving={create.isPending}
        failure={create.error}
        act={t("new.save")}
        save={() => void save()}
        discard={leave}
      />
      <LeaveGuard dirty={state.changed.length > 0} isLeaving={() => isLeaving.current} />
    </Page>
  )
}
