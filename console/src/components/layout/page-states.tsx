/** Whole pages: being loaded, broken, not there. */
import { Anchor, Stack, Text, Title } from "@mantine/core"
import { Link, useRouter } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { ErrorState, SkeletonRows } from "@/components/ui/states"

export function Waiting() {
  return <SkeletonRows />
}

/** A page that could not be made. Trying again asks anew for what it needs, not only for its picture. */
export function Broken({ error }: { error: unknown }) {
  const router = useRouter()
  return <ErrorState error={error} retry={() => void router.invalidate()} />
}

/** The same where no frame is around it. */
export function BrokenSite({ error }: { error: unknown }) {
  const { t } = useTranslation()
  return (
    <main className="column">
      <Title order={1}>{t("error.page")}</Title>
      <Broken error={error} />
    </main>
  )
}

export function NotFound() {
  const { t } = useTranslation()
  return (
    <main className="column">
      <Stack>
        <Title order={1}>{t("notFound.title")}</Title>
        <Text>{t("notFound.text")}</Text>
        <Anchor component={Link} to="/">
          {t("notFound.home")}
        </Anchor>
      </Stack>
    </main>
  )
}
