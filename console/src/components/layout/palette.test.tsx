import { MantineProvider } from "@mantine/core"
import { cleanup, fireEvent, render, screen } from "@testing-library/react"
import { afterEach, expect, it, vi } from "vitest"
import { initLanguage } from "@/lib/i18n"
import Palette from "./palette"

const go = vi.hoisted(() => vi.fn())
vi.mock("@tanstack/react-router", () => ({ useNavigate: () => go }))
vi.mock("@/lib/session", () => ({ useSelf: () => ({ role: 100 }) }))
vi.mock("./navigation", () => ({ visible: () => [] }))
vi.mock("./palette-search", () => ({ useFound: () => ["/keys", "/users"].map((to) => ({ kind: "page", name: to, to })) }))
vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }))
vi.stubGlobal("ResizeObserver", class {
  observe() {}
  unobserve() {}
  disconnect() {}
})

afterEach(cleanup)

it("leaves the keys to an input method while it composes", async () => {
  await initLanguage("en")
  render(
    <MantineProvider env="test">
      <Palette onClose={() => {}} />
    </MantineProvider>,
  )
  const field = screen.getByRole("combobox")
  fireEvent.keyDown(field, { key: "ArrowDown", isComposing: true })
  fireEvent.keyDown(field, { key: "Enter", isComposing: true })
  expect(go).not.toHaveBeenCalled()
  fireEvent.keyDown(field, { key: "Enter" })
  expect(go).toHaveBeenCalledExactlyOnceWith({ href: "/keys" })
})
