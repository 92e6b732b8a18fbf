/** The playground: talk to a model in any dialect, through the same endpoints that clients use. */
import { Button } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Page } from "@/components/layout/page"
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states"
import { useSelf } from "@/lib/session"
import { PLAYGROUND_KEY, useCreateKey, useKeys } from "./api"
import { Bench } from "./components/bench"
import type { PlaygroundSearch } from "./search"
import { useWorkspace } from "./workspace"

export function Playground({ search, go }: { search: PlaygroundSearch; go: (next: PlaygroundSearch) => void }) {
  const { t } = useTranslation("playground")
  const [workspace, state] = useWorkspace(useSelf().id)
  const keys = useKeys()
  if (keys.data?.length && state.ready) return <Bench keys={keys.data} workspace={workspace} state={state} search={search} go={go} />
  return (
    <Page title={t("common:nav.playground")}>
      {keys.error ? <ErrorState error={keys.error} retry={() => void keys.refetch()} /> : keys.data?.length === 0 ? <NoKey /> : <SkeletonRows />}
    </Page>
  )
}

function NoKey() {
  const { t } = useTranslation("playground")
  const create = useCreateKey()
  return (
    <>
      <EmptyState title={t("noKey.title")} text={t("noKey.text")}>
        <Button loading={create.isPending} onClick={() => create.mutate()}>
          {t("noKey.create", { name: PLAYGROUND_KEY })}
        </Button>
      </EmptyState>
      {create.error && <ErrorState error={create.error} />}
    </>
  )
}
