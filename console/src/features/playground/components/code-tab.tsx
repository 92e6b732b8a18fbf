/** The request as code, in three languages. */
import { SegmentedControl, Stack, Text } from "@mantine/core"
import { useLocalStorage } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import { CodeBlock } from "@/components/ui/code-block"
import { useBaseUrl } from "@/lib/status"
import { codeFor, LANGUAGE_NAMES, LANGUAGES, type Language } from "../code"
import type { Dialect } from "../dialects"

export function CodeTab({ dialect, path, body }: { dialect: Dialect; path: string; body: string }) {
  const { t } = useTranslation("playground")
  const base = useBaseUrl()
  const [language, setLanguage] = useLocalStorage<Language>({ key: "faregate.playground.language", defaultValue: "curl", getInitialValueInEffect: false })
  const stream = path.includes(":stream") || /"stream": ?true/.test(body)
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t("code.language")}
        value={language}
        data={LANGUAGES.map((one) => ({ value: one, label: LANGUAGE_NAMES[one] }))}
        onChange={(value) => setLanguage(LANGUAGES.find((one) => one === value) ?? "curl")}
      />
      <CodeBlock code={codeFor(language, { url: `${base}${path}`, headers: dialect.headers, body, stream })} label={LANGUAGE_NAMES[language]} />
      <Text size="xs" className="dim">
        {t("code.hint")}
      </Text>
    </Stack>
  )
}
