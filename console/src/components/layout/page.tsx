/** A page of the console: title, what it is for, primary actions, content. */
import { Group, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"
import { useTitle } from "@/lib/title"
import classes from "./layout.module.css"

export function Page({ title, text, actions, children, name }: { title: string; text?: string; actions?: ReactNode; children: ReactNode; name?: ReactNode }) {
  useTitle(title)
  return (
    <div className={classes.page}>
      <Group justify="space-between" align="flex-start" mb="md" gap="sm">
        <div className={classes.heading}>
          <Title order={1}>{name ?? title}</Title>
          {text && (
            <Text size="sm" className="dim">
              {text}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </div>
  )
}
