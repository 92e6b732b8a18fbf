/** Changes all channels of a tag at once; what is left empty stays as it is in each. */
import { Button, Group, Stack, TagsInput, TextInput } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState } from "@/components/ui/states"
import { done } from "@/lib/notify"
import { useEditTag, useGroups, type TagEdit } from "./api"

const WHOLE = /^-?\d+$/

export function TagForm({ tag, close }: { tag: string; close: () => void }) {
  const { t } = useTranslation("channels")
  const groups = useGroups()
  const edit = useEditTag()
  const [name, setName] = useState(tag)
  const [models, setModels] = useState<string[]>([])
  const [inGroups, setGroups] = useState<string[]>([])
  const [figures, setFigures] = useState({ priority: "", weight: "" })
  const wrong = (field: "priority" | "weight") => {
    const typed = figures[field].trim()
    if (typed === "" || (WHOLE.test(typed) && (field === "priority" || Number(typed) >= 0))) return undefined
    return t(field === "weight" ? "error.wholePositive" : "error.whole")
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (wrong("priority") || wrong("weight")) return
    const body: TagEdit = { tag }
    if (name.trim() !== tag) body.new_tag = name.trim()
    if (models.length) body.models = models.join(",")
    if (inGroups.length) body.groups = inGroups.join(",")
    if (figures.priority.trim()) body.priority = Number(figures.priority)
    if (figures.weight.trim()) body.weight = Number(figures.weight)
    await edit.mutateAsync(body).then(
      () => {
        done(t("done.tagEdited", { tag }))
        close()
      },
      () => undefined,
    )
  }
  const figure = (field: "priority" | "weight") => (
    <TextInput
      label={t(`field.${field}`)}
      inputMode="numeric"
      placeholder={t("tag.unchanged")}
      value={figures[field]}
      error={wrong(field)}
      onChange={(event) => setFigures({ ...figures, [field]: event.currentTarget.value })}
    />
  )
  return (
    <Sheet opened onClose={close} title={t("tag.editTitle", { tag })}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <TextInput label={t("tag.name")} description={t("tag.nameHelp")} value={name} maxLength={191} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          <TagsInput label={t("field.models")} description={t("tag.modelsHelp")} placeholder={t("tag.unchanged")} value={models} onChange={setModels} splitChars={[",", "\n", " "]} />
          <TagsInput label={t("field.groups")} description={t("tag.groupsHelp")} placeholder={t("tag.unchanged")} data={groups.data ?? []} value={inGroups} onChange={setGroups} />
          {figure("priority")}
          {figure("weight")}
          {edit.isError && <ErrorState error={edit.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common:action.cancel")}
            </Button>
            <Button type="submit" loading={edit.isPending}>
              {t("tag.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Sheet>
  )
}
