/** The front page: what this site is, where clients point, the way in. Only what is true of this installation. */
import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { PublicFrame } from "@/components/layout/public-frame"
import { Copyable } from "@/components/ui/copyable"
import { api, take } from "@/lib/http"
import { useVisitor } from "@/lib/session"
import { useBaseUrl, useStatus } from "@/lib/status"
import { useTitle } from "@/lib/title"

const DIALECTS = [
  ["OpenAI Chat", "/v1/chat/completions"],
  ["OpenAI Responses", "/v1/responses"],
  ["Claude Messages", "/v1/messages"],
  ["Gemini", "/v1beta/models/…"],
] as const

export function Home() {
  const { t } = useTranslation()
  const status = useStatus()
  const visitor = useVisitor()
  const base = useBaseUrl()
  const written = useQuery({ queryKey: ["home"], queryFn: () => take(api.GET("/api/home_page_content")) })
  const site = status?.system_name ?? "Faregate"
  useTitle("")
  return (
    <PublicFrame>
      <main style={{ maxWidth: 720, margin: "0 auto", padding: "10vh 20px 60px" }}>
        <Stack gap="lg">
          <Title order={1} style={{ fontSize: 28, lineHeight: "36px" }}>
            {site}
          </Title>
          <Text size="lg" style={{ whiteSpace: "pre-wrap" }}>
            {String(written.data || "") || t("home.lead")}
          </Text>
          <Stack gap={6}>
            <Text fw={600}>{t("home.base")}</Text>
            <Copyable text={base} />
          </Stack>
          <Stack gap={6}>
            <Text fw={600}>{t("home.speaks")}</Text>
            <ul style={{ margin: 0, paddingInlineStart: 18 }}>
              {DIALECTS.map(([name, path]) => (
                <li key={name}>
                  <span lang="en">{name}</span> <span className="mono dim">{path}</span>
                </li>
              ))}
            </ul>
          </Stack>
          <Group>
            <Button component={Link} to={visitor ? "/overview" : "/sign-in"}>
              {t(visitor ? "public.console" : "public.signIn")}
            </Button>
            {status?.docs_link && <Anchor href={status.docs_link}>{t("home.docs")}</Anchor>}
          </Group>
        </Stack>
      </main>
    </PublicFrame>
  )
}
