/** Links of the router in the kit's looks. */
import { Anchor, UnstyledButton, type AnchorProps } from "@mantine/core"
import { createLink } from "@tanstack/react-router"
import type { ComponentPropsWithRef } from "react"

type Plain = Omit<ComponentPropsWithRef<"a">, keyof AnchorProps>

export const TextLink = createLink((props: AnchorProps & Plain) => <Anchor {...props} />)
export const BlockLink = createLink((props: ComponentPropsWithRef<"a">) => <UnstyledButton component="a" {...props} />)
