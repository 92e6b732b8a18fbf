/** Run-time settings, drawn from what the server says of them: searched, changed together, saved at once. */
import { Button } from "@mantine/core"
import { useBlocker } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Page } from "@/components/layout/page"
import { useConfirm } from "@/components/ui/confirm"
import { FindField } from "@/components/ui/find-field"
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { useSave, useSettings, type Changes, type Field, type PastChange, type Section } from "./api"
import { faultOf, found, textOf, unsaved, withDraft } from "./drafts"
import { History } from "./history"
import { SaveBar } from "./save-bar"
import { SectionView } from "./section-view"
import classes from "./settings.module.css"
import { useTitles } from "./titles"

export function Settings({ find, onFind }: { find: string; onFind: (words: string) => void }) {
  // The names of settings too, before anything is shown: the page would go away for them once its data is there.
  const { t } = useTranslation(["settings", "options"])
  const settings = useSettings()
  const [history, setHistory] = useState<string | null>(null)
  return (
    <Page
      title={t("common:nav.settings")}
      text={t("text")}
      actions={
        <Button variant="default" onClick={() => setHistory("")}>
          {t("history")}
        </Button>
      }
    >
      {settings.error && <ErrorState error={settings.error} retry={() => void settings.refetch()} />}
      {settings.isPending && <SkeletonRows rows={12} />}
      {settings.data && <Form sections={settings.data.sections} revision={settings.data.revision} find={find} onFind={onFind} history={history} setHistory={setHistory} />}
    </Page>
  )
}

interface FormProps {
  sections: Section[]
  revision: number
  find: string
  onFind: (words: string) => void
  history: string | null
  setHistory: (key: string | null) => void
}

function Form({ sections, revision, find, onFind, history, setHistory }: FormProps) {
  const { t } = useTranslation("settings")
  const { titleOf, nameOf } = useTitles()
  const [drafts, setDrafts] = useState<Changes>({})
  const [dialog, ask] = useConfirm()
  const save = useSave()
  const fields = sections.flatMap(({ fields: all }) => all)
  const count = Object.keys(drafts).length
  useBlocker({
    disabled: count === 0,
    enableBeforeUnload: true,
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && !confirm(t("leave")),
  })
  const sent = save.isPending ? save.variables.changes : undefined
  const draft = (field: Field, text: string | null) => setDrafts((before) => withDraft(before, field, text, sent))
  const store = () =>
    save.mutate(
      { revision, changes: drafts },
      {
        onSuccess: (_view, { changes }) => {
          setDrafts((now) => unsaved(now, changes))
          done(t("common:state.saved"))
        },
      },
    )
  const revert = ({ key, before }: PastChange) =>
    ask({
      title: t("takeBackTitle"),
      text: t("takeBackText", { key, value: before ?? t("theDefault") }),
      act: t("takeBack"),
      run: async () => {
        await save.mutateAsync({ revision, changes: { [key]: before } })
        done(t("common:state.saved"))
      },
    })
  const shown = found(sections, find, titleOf, nameOf)
  return (
    <>
      <FindField mb="md" maw={480} label={t("find")} words={find} onFind={(words = "") => onFind(words)} />
      <div className={classes.layout}>
        <nav aria-label={t("areas")}>
          <ul className={classes.areas}>
            {shown.map((section) => (
              <li key={section.name}>
                <a className={classes.area} href={`#${section.name}`}>
                  {nameOf(section)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className={classes.sections}>
          {shown.length === 0 && (
            <EmptyState title={t("nothing", { find })}>
              <Button variant="default" onClick={() => onFind("")}>
                {t("showAll")}
              </Button>
            </EmptyState>
          )}
          {shown.map((section) => (
            <div key={section.name} id={section.name} style={{ scrollMarginTop: 64 }}>
              <SectionView section={section} drafts={drafts} onDraft={draft} onHistory={setHistory} />
            </div>
          ))}
        </div>
      </div>
      <SaveBar
        drafts={drafts}
        fields={fields}
        faulty={fields.some((field) => field.key in drafts && drafts[field.key] !== null && faultOf(field, textOf(field, drafts)) !== "")}
        busy={save.isPending}
        failure={save.error}
        onSave={store}
        onDiscard={() => {
          setDrafts({})
          save.reset()
        }}
      />
      <History of={history} onClose={() => setHistory(null)} onRevert={revert} />
      {dialog}
    </>
  )
}
