/** The groups as rows to edit. */
import { ActionIcon, Button, Checkbox, Group, NativeSelect, NumberInput, Stack, Text, TextInput, Title } from "@mantine/core"
import { IconTrash } from "@tabler/icons-react"
import { useState, type FormEvent } from "react"
import { useTranslation } from "react-i18next"
import { ErrorState } from "@/components/ui/states"
import { ApiError } from "@/lib/http"
import { done } from "@/lib/notify"
import { isRoot, useSelf } from "@/lib/session"
import { useSaveGroups, type GroupTable } from "./api"
import classes from "./models.module.css"

type Line = GroupTable["groups"][number]
type Special = GroupTable["special"][number]

const CHANGED = 409
const replaced = <Row,>(rows: Row[], index: number, changed: Partial<Row>): Row[] => rows.map((row, at) => (at === index ? { ...row, ...changed } : row))
const without = <Row,>(rows: Row[], index: number): Row[] => rows.filter((_, at) => at !== index)

export function GroupsForm({ table, reread, onSaved }: { table: GroupTable; reread: () => void; onSaved: () => void }) {
  const { t } = useTranslation("models")
  const root = isRoot(useSelf())
  const [groups, setGroups] = useState(table.groups)
  const [special, setSpecial] = useState(table.special)
  const save = useSaveGroups()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    // This form is gone once the groups are read again: what follows does not hang on it.
    const saved = await save.mutateAsync({ groups, special, revision: table.revision }).catch(() => null)
    if (!saved) return
    done(t("groups.saved"))
    onSaved()
  }
  const stale = save.error instanceof ApiError && save.error.status === CHANGED
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <Text size="sm" className="dim">
          {t("groups.lead")}
        </Text>
        <div>
          <div className={`${classes.groupLine} ${classes.lineHead}`} aria-hidden="true">
            <span>{t("groups.name")}</span>
            <span>{t("groups.ratio")}</span>
            <span>{t("groups.open_")}</span>
            <span>{t("groups.description")}</span>
          </div>
          {groups.map((line, index) => (
            <GroupLine
              key={index}
              line={line}
              first={index === 0}
              root={root}
              onChange={(changed) => setGroups(replaced(groups, index, changed))}
              onRemove={() => setGroups(without(groups, index))}
            />
          ))}
          {root && (
            <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => setGroups([...groups, { name: "", ratio: 1, is_open: false, description: "", users: 0 }])}>
              {t("groups.add")}
            </Button>
          )}
        </div>
        <Stack gap="xs" className={classes.part}>
          <Title order={3}>{t("special.title")}</Title>
          <Text size="sm" className="dim">
            {t("special.lead")}
          </Text>
          {special.map((line, index) => (
            <SpecialLine
              key={index}
              line={line}
              names={groups.map(({ name }) => name).filter(Boolean)}
              root={root}
              onChange={(changed) => setSpecial(replaced(special, index, changed))}
              onRemove={() => setSpecial(without(special, index))}
            />
          ))}
          {root && (
            <div>
              <Button
                size="compact-sm"
                variant="subtle"
                onClick={() => setSpecial([...special, { user_group: groups[0]?.name ?? "", group: groups[0]?.name ?? "", ratio: 1 }])}
              >
                {t("special.add")}
              </Button>
            </div>
          )}
        </Stack>
        {save.error && <ErrorState error={save.error} retry={stale ? reread : undefined} />}
        {root && (
          <Group>
            <Button type="submit" loading={save.isPending}>
              {t("groups.save")}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  )
}

interface LineProps<Row> {
  line: Row
  root: boolean
  onChange: (changed: Partial<Row>) => void
  onRemove: () => void
}

function GroupLine({ line, first, root, onChange, onRemove }: LineProps<Line> & { first: boolean }) {
  const { t } = useTranslation("models")
  const who = line.name || t("groups.new")
  const inUse = (line.users ?? 0) > 0
  return (
    <div className={classes.groupLine} role="group" aria-label={who}>
      <TextInput aria-label={t("groups.name")} value={line.name} disabled={!root || inUse} title={inUse ? t("groups.inUse", { count: line.users }) : undefined} required onChange={(event) => onChange({ name: event.currentTarget.value })} />
      <NumberInput
        aria-label={t("groups.ratioOf", { name: who })}
        data-autofocus={first || undefined}
        autoFocus={first}
        value={line.ratio}
        min={0}
        allowNegative={false}
        decimalScale={6}
        hideControls
        disabled={!root}
        onChange={(value) => onChange({ ratio: Number(value) || 0 })}
      />
      <Checkbox aria-label={t("groups.openOf", { name: who })} checked={line.is_open} disabled={!root} onChange={(event) => onChange({ is_open: event.currentTarget.checked })} />
      <TextInput aria-label={t("groups.descriptionOf", { name: who })} value={line.description} disabled={!root || !line.is_open} onChange={(event) => onChange({ description: event.currentTarget.value })} />
      {root && !inUse ? <Remove label={t("groups.remove", { name: who })} onClick={onRemove} /> : <span />}
    </div>
  )
}

function SpecialLine({ line, names, root, onChange, onRemove }: LineProps<Special> & { names: string[] }) {
  const { t } = useTranslation("models")
  return (
    <div className={classes.specialLine} role="group" aria-label={t("special.line", { users: line.user_group, group: line.group })}>
      <NativeSelect aria-label={t("special.users")} value={line.user_group} data={[...new Set([...names, line.user_group])]} disabled={!root} onChange={(event) => onChange({ user_group: event.currentTarget.value })} />
      <NativeSelect aria-label={t("special.group")} value={line.group} data={names} disabled={!root} onChange={(event) => onChange({ group: event.currentTarget.value })} />
      <NumberInput aria-label={t("special.ratio")} value={line.ratio} min={0} allowNegative={false} hideControls disabled={!root} onChange={(value) => onChange({ ratio: Number(value) || 0 })} />
      {root ? <Remove label={t("special.remove", { users: line.user_group, group: line.group })} onClick={onRemove} /> : <span />}
    </div>
  )
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
      <IconTrash size={15} />
    </ActionIcon>
  )
}
