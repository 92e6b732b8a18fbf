/** Code to copy. */
import { CopyButton } from "@/components/ui/copyable"
import { useTranslation } from "react-i18next"
import classes from "./ui.module.css"

export function CodeBlock({ code, label }: { code: string; label?: string }) {
  const { t } = useTranslation()
  return (
    <div className={classes.code}>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="region" aria-label={label ?? t("label.code")}>
        <code>{code}</code>
      </pre>
      <div className={classes.codeCopy}>
        <CopyButton text={code} label={t("action.copyCode")} />
      </div>
    </div>
  )
}
