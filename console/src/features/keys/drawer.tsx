/** The drawer of a key: making one and what comes after, or looking at one and editing it. */
import { Button, Group, Stack, Text } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { ago, day } from "@/lib/format"
import { done } from "@/lib/notify"
import { useStatus, useUnit } from "@/lib/status"
import type { Actions } from "./actions"
import { edit, keyQuery, make, reveal, type Key, type Wish } from "./api"
import { KeyState, Masked } from "./columns"
import { emptyFields, fieldsOf, wishOf } from "./fields"
import { KeyForm } from "./form"
import { InUse } from "./in-use"
import type { Search } from "./search"

interface Shown {
  key: string
  wish: Wish
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("keys")
  const unit = useUnit()
  const status = useStatus()
  const [made, setMade] = useState<Shown | null>(null)
  if (made) return <InUse apiKey={made.key} group={made.wish.group ?? ""} limits={made.wish.models ?? []} lead={t("made.lead", { name: made.wish.name })} onClose={onClose} />
  return (
    <KeyForm
      initial={emptyFields(status?.default_use_auto_group ? "auto" : "")}
      act={t("create")}
      onCancel={onClose}
      onSave={async (fields) => {
        const wish = wishOf(fields, unit)
        const { key } = await make(wish)
        setMade({ key, wish })
      }}
    />
  )
}

function Facts({ of: key, onUse, failure }: { of: Key; onUse: () => void; failure: unknown }) {
  const { t } = useTranslation("keys")
  return (
    <Stack gap={4} mb="md">
      <Group gap="md">
        <KeyState state={key.state} />
        <Masked of={key} />
        <Button size="compact-sm" variant="default" onClick={onUse}>
          {t("use")}
        </Button>
      </Group>
      <Text size="sm" className="dim">
        {t("facts", { made: day(key.created_at), used: key.last_used_at ? ago(key.last_used_at) : t("never").toLowerCase() })}
      </Text>
      {failure !== null && <ErrorState error={failure} />}
    </Stack>
  )
}

function OneKey({ id, actions, onClose }: { id: number; actions: Actions; onClose: () => void }) {
  const { t } = useTranslation("keys")
  const unit = useUnit()
  const { data: key, error, refetch } = useQuery(keyQuery(id))
  const [revealed, setRevealed] = useState("")
  const [failure, setFailure] = useState<unknown>(null)
  if (!key) return error ? <ErrorState error={error} retry={() => void refetch()} /> : <SkeletonRows />
  if (revealed) return <InUse apiKey={revealed} group={key.group} limits={key.models} lead={t("useLead", { name: key.name })} onClose={onClose} />
  return (
    <>
      <Facts of={key} failure={failure} onUse={() => void reveal(id).then(setRevealed, setFailure)} />
      <KeyForm
        key={id}
        initial={fieldsOf(key, unit)}
        used={key.used}
        act={t("common:action.save")}
        onCancel={onClose}
        onDelete={() => actions.askToDelete([key], onClose)}
        onSave={async (fields) => {
          await edit(id, wishOf(fields, unit, key))
          done(t("common:state.saved"))
          onClose()
        }}
      />
    </>
  )
}

export function Drawer({ open, actions, onClose }: { open: Search["open"]; actions: Actions; onClose: () => void }) {
  const { t } = useTranslation("keys")
  return (
    <Sheet opened={open !== undefined} onClose={onClose} title={t(open === "new" ? "newTitle" : "editTitle")} size={600}>
      {open === "new" && <NewKey onClose={onClose} />}
      {typeof open === "number" && <OneKey id={open} actions={actions} onClose={onClose} />}
    </Sheet>
  )
}
