/** What settings and sections are called in the reader's language; the server's own words where nothing else is known. */
import { useTranslation } from "react-i18next"
import type { Field, Section } from "./api"

export function useTitles() {
  const { t } = useTranslation("options")
  return {
    titleOf: (field: Field) => t(field.key, { keySeparator: false, nsSeparator: false, defaultValue: field.title }),
    nameOf: (section: Section) => t(`section ${section.name}`, { keySeparator: false, nsSeparator: false, defaultValue: section.title }),
    helpOf: (section: Section) => (section.help ? t(`help ${section.name}`, { keySeparator: false, nsSeparator: false, defaultValue: section.help }) : ""),
  }
}
