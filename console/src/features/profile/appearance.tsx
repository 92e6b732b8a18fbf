/** Theme of this browser, and the language, which the account remembers too. */
import { Radio, Stack, useMantineColorScheme, type MantineColorScheme } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Panel } from "@/components/ui/panel"
import { chooseLanguage, LANGUAGES, type Language } from "@/lib/i18n"
import { speak } from "./api"
import { useSaving } from "./saving"

const SCHEMES: MantineColorScheme[] = ["auto", "light", "dark"]
const ON_SERVER: Record<Language, string> = { en: "en", zh: "zh-CN" }

export function Appearance() {
  const { t, i18n } = useTranslation("profile")
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { failure, save } = useSaving()
  const choose = async (language: Language) => {
    await chooseLanguage(language)
    await save(() => speak(ON_SERVER[language]), i18n.t("common:state.saved"))
  }
  return (
    <Stack>
      <Panel title={t("common:account.theme")}>
        <Radio.Group value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)} aria-label={t("common:account.theme")}>
          <Stack gap="xs">
            {SCHEMES.map((scheme) => (
              <Radio key={scheme} value={scheme} label={t(`common:theme.${scheme}`)} />
            ))}
          </Stack>
        </Radio.Group>
      </Panel>
      <Panel title={t("common:account.language")}>
        {failure}
        <Radio.Group value={i18n.language} onChange={(language) => void choose(language as Language)} aria-label={t("common:account.language")}>
          <Stack gap="xs">
            {(Object.keys(LANGUAGES) as Language[]).map((language) => (
              <Radio key={language} value={language} label={LANGUAGES[language]} lang={language} />
            ))}
          </Stack>
        </Radio.Group>
      </Panel>
    </Stack>
  )
}
