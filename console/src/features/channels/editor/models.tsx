/** Models: which are served, under which names they are asked for upstream, which have no price yet. */
import { Alert, Anchor, Button, Checkbox, Group, TagsInput, Text, TextInput } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useDeferredValue, useState } from "react"
import { useTranslation } from "react-i18next"
import { useKnownModels, useUnpriced } from "../api"
import classes from "../channels.module.css"
import { isObject, object, type Draft, type Faults } from "./draft"
import { Pairs } from "./pairs"
import { Section, useFault, type SectionProps } from "./section"

const MOST_SHOWN = 300
const MOST_NAMED = 12

export function checkModels(draft: Draft): Faults {
  const faults: Faults = {}
  if (draft.models.length === 0) faults.models = "error.models"
  if (draft.mapping.trim() && !isObject(draft.mapping)) faults.mapping = "error.object"
  return faults
}

function Offered({ offered, chosen, set }: { offered: string[]; chosen: string[]; set: (models: string[]) => void }) {
  const { t } = useTranslation("channels")
  const [text, setText] = useState("")
  const wanted = useDeferredValue(text.trim().toLowerCase())
  const shown = offered.filter((name) => name.toLowerCase().includes(wanted)).slice(0, MOST_SHOWN)
  const picked = new Set(chosen)
  const gone = chosen.filter((name) => !offered.includes(name))
  return (
    <div className={classes.full}>
      <Group justify="space-between" mb={8}>
        <TextInput size="xs" aria-label={t("offered.filter")} placeholder={t("offered.filter")} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => set([...new Set([...chosen, ...shown])])}>
            {t("offered.all", { count: shown.length })}
          </Button>
          <Button size="xs" variant="default" onClick={() => set(chosen.filter((name) => !shown.includes(name)))}>
            {t("offered.none")}
          </Button>
        </Group>
      </Group>
      <div className={classes.offered} role="group" aria-label={t("offered.label")}>
        {shown.map((name) => (
          <Checkbox key={name} size="xs" label={name} checked={picked.has(name)} onChange={(event) => set(event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name))} />
        ))}
        {shown.length === 0 && <Text className="dim">{t("offered.nothing")}</Text>}
      </div>
      {gone.length > 0 && (
        <Text size="sm" mt={8} className="tone-warn">
          {t("offered.gone", { count: gone.length, names: gone.slice(0, MOST_NAMED).join(", ") })}
        </Text>
      )}
    </div>
  )
}

function Unpriced({ models }: { models: string[] }) {
  const { t } = useTranslation("channels")
  const names = useUnpriced(models).data?.filter((name) => models.includes(name)) ?? []
  if (names.length === 0) return null
  return (
    <Alert className={classes.full} color="yellow" variant="light" title={t("unpriced.title", { count: names.length })}>
      {t("unpriced.text")}{" "}
      {names.slice(0, MOST_NAMED).map((name) => (
        <Anchor key={name} component={Link} to="/models" search={{ open: name } as never} size="sm" me={10} className="mono">
          {name}
        </Anchor>
      ))}
      {names.length > MOST_NAMED && t("unpriced.more", { count: names.length - MOST_NAMED })}
    </Alert>
  )
}

export function Models({ draft, set, faults, lack, offered }: SectionProps & { lack: string; offered: string[] | null }) {
  const { t } = useTranslation("channels")
  const fault = useFault(faults)
  const known = useKnownModels().data?.[String(draft.type)] ?? []
  const hidden = Object.keys(object(draft.mapping)).filter((name) => !draft.models.includes(name))
  const choose = (models: string[]) => set({ models: [...new Set(models.map((name) => name.trim()).filter(Boolean))] })
  return (
    <Section
      title={t("section.models")}
      lack={lack}
      action={
        !lack && (
          <Group gap="xs">
            {known.length > 0 && (
              <Button size="xs" variant="default" onClick={() => choose([...draft.models, ...known])}>
                {t("models.known", { count: known.length })}
              </Button>
            )}
            <Button size="xs" variant="default" disabled={draft.models.length === 0} onClick={() => choose([])}>
              {t("models.clear")}
            </Button>
          </Group>
        )
      }
    >
      <TagsInput
        className={classes.full}
        classNames={{ pillsList: classes.pills }}
        label={t("field.modelsCounted", { count: draft.models.length })}
        description={t("help.models")}
        placeholder={t("models.add")}
        value={draft.models}
        error={fault("models")}
        data={[...new Set([...(offered ?? []), ...known])]}
        limit={50}
        splitChars={[",", "\n", " "]}
        onChange={choose}
      />
      {offered && <Offered offered={offered} chosen={draft.models} set={choose} />}
      <Unpriced models={draft.models} />
      <Pairs className={classes.full} label={t("field.mapping")} help={t("help.mapping")} from={t("mapping.from")} to={t("mapping.to")} json={draft.mapping} fault={fault("mapping")} set={(mapping) => set({ mapping })} />
      {hidden.length > 0 && (
        <Group className={classes.full} gap="xs">
          <Text size="sm" className="tone-warn">
            {t("mapping.unlisted", { names: hidden.join(", ") })}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => choose([...draft.models, ...hidden])}>
            {t("mapping.list")}
          </Button>
        </Group>
      )}
    </Section>
  )
}
