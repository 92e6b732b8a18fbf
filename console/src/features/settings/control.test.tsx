import { MantineProvider } from "@mantine/core"
import { cleanup, render, screen } from "@testing-library/react"
import { afterEach, expect, it, vi } from "vitest"
import type { Field } from "./api"
import { Control } from "./control"

vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }))
afterEach(cleanup)

const FIELD: Field = { key: "Footer", title: "Footer", kind: "text", value: "", default: "", is_stored: false, choices: [], minimum: null, maximum: null }
const shown = (text: string) => (
  <MantineProvider env="test">
    <Control field={FIELD} title="Footer" text={text} onText={() => {}} />
  </MantineProvider>
)

it("a text stays in its field, however long it grows", () => {
  const { rerender } = render(shown("x".repeat(60)))
  const field = screen.getByRole("textbox")
  rerender(shown("x".repeat(61)))
  expect(screen.getByRole("textbox")).toBe(field)
})
