/** The head of the playground: the key in use, a new conversation, a second model, what is kept, the inspector. */
import { Button, NativeSelect, Title } from "@mantine/core"
import { IconAdjustmentsHorizontal, IconColumns2, IconMessages, IconPlus } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { useTitle } from "@/lib/title"
import type { NamedKey } from "../api"
import classes from "../playground.module.css"

interface Props {
  keys: NamedKey[]
  keyId: number
  onKey: (id: number) => void
  onNew: () => void
  onCompare?: () => void
  onList: () => void
  /** Given where the inspector is not beside the thread. */
  onInspector?: () => void
}

export function Bar({ keys, keyId, onKey, onNew, onCompare, onList, onInspector }: Props) {
  const { t } = useTranslation("playground")
  useTitle(t("common:nav.playground"))
  return (
    <div className={classes.bar}>
      <Title order={1}>{t("common:nav.playground")}</Title>
      <NativeSelect
        size="xs"
        aria-label={t("key")}
        value={String(keyId)}
        data={keys.map(({ id, name }) => ({ value: String(id), label: t("keyNamed", { name }) }))}
        onChange={(event) => onKey(Number(event.currentTarget.value))}
      />
      {onCompare && (
        <Button size="xs" variant="default" leftSection={<IconColumns2 size={14} />} onClick={onCompare}>
          {t("compare")}
        </Button>
      )}
      <Button size="xs" variant="default" leftSection={<IconMessages size={14} />} onClick={onList}>
        {t("kept.title")}
      </Button>
      {onInspector && (
        <Button size="xs" variant="default" leftSection={<IconAdjustmentsHorizontal size={14} />} onClick={onInspector}>
          {t("inspector.title")}
        </Button>
      )}
      <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={onNew}>
        {t("new")}
      </Button>
    </div>
  )
}
