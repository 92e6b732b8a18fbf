/** Groups: what they multiply prices by, who may choose them, and exceptions for the users of a group. One save. */
import { Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Sheet } from "@/components/ui/sheet"
import { ErrorState, SkeletonRows } from "@/components/ui/states"
import { useGroupTable } from "./api"
import { GroupsForm } from "./groups-form"

export function GroupsSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("models")
  const { data, error, refetch } = useGroupTable()
  return (
    <Sheet opened onClose={onClose} title={t("groups.title")} size={640}>
      <Stack>
        {data ? (
          <GroupsForm key={data.revision} table={data} reread={() => void refetch()} onSaved={onClose} />
        ) : error ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : (
          <SkeletonRows />
        )}
      </Stack>
    </Sheet>
  )
}
