/** A part of a page: a heading and hairlines, no box in a box. */
import { Group, Title } from "@mantine/core"
import { useId, type ReactNode } from "react"
import classes from "./ui.module.css"

export function Panel({ title, action, children, flush = false }: { title?: string; action?: ReactNode; children: ReactNode; flush?: boolean }) {
  const id = useId()
  return (
    <section className={classes.panel} aria-labelledby={title ? id : undefined}>
      {(title || action) && (
        <Group justify="space-between" className={classes.panelHead} wrap="nowrap">
          {title && (
            <Title order={2} size="h3" id={id}>
              {title}
            </Title>
          )}
          {action}
        </Group>
      )}
      <div className={flush ? undefined : classes.panelBody}>{children}</div>
    </section>
  )
}
