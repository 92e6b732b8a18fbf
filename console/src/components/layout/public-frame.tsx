/** The frame of pages that need no sign-in. */
import { Button, Group } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { chooseLanguage } from "@/lib/i18n"
import { useVisitor } from "@/lib/session"
import { Brand } from "./brand"

export function PublicFrame({ children, enter = true }: { children: ReactNode; enter?: boolean }) {
  const { t, i18n } = useTranslation()
  const visitor = useVisitor()
  const other = i18n.language === "zh" ? "en" : "zh"
  return (
    <>
      <header className="public">
        <Brand />
        <Group gap="xs">
          <Button variant="subtle" color="gray" lang={other} onClick={() => void chooseLanguage(other)}>
            {t("public.otherLanguage")}
          </Button>
          {enter &&
            (visitor ? (
              <Button component={Link} to="/overview">
                {t("public.console")}
              </Button>
            ) : (
              <Button component={Link} to="/sign-in">
                {t("public.signIn")}
              </Button>
            ))}
        </Group>
      </header>
      {children}
    </>
  )
}
