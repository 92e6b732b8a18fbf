/** Who is signed in; language, theme, signing out. */
import { Button, Menu, Text, useMantineColorScheme } from "@mantine/core"
import { IconCheck, IconChevronDown } from "@tabler/icons-react"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api } from "@/lib/http"
import { chooseLanguage, LANGUAGES, type Language } from "@/lib/i18n"
import { session, useSelf } from "@/lib/session"

const SCHEMES = ["auto", "light", "dark"] as const

export function AccountMenu() {
  const { t, i18n } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const self = useSelf()
  const leave = async () => {
    await api.POST("/api/user/auth/logout").catch(() => undefined)
    session.forget(true)
  }
  const tick = (chosen: boolean) => (chosen ? <IconCheck size={14} /> : null)
  return (
    <Menu width={220} position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="xs" rightSection={<IconChevronDown size={14} />}>
          {self.display_name || self.username}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs">{t("account.as", { name: self.username, group: self.group })}</Text>
        </Menu.Label>
        <Menu.Item component={Link} to="/profile">
          {t("nav.profile")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("account.theme")}</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.Item key={scheme} onClick={() => setColorScheme(scheme)} rightSection={tick(colorScheme === scheme)}>
            {t(`theme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("account.language")}</Menu.Label>
        {(Object.keys(LANGUAGES) as Language[]).map((language) => (
          <Menu.Item key={language} lang={language} onClick={() => void chooseLanguage(language)} rightSection={tick(i18n.language === language)}>
            {LANGUAGES[language]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item color="var(--mantine-color-error)" onClick={() => void leave()}>
          {t("account.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
