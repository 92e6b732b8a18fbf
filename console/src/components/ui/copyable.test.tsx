import { MantineProvider } from "@mantine/core"
import { cleanup, render, screen } from "@testing-library/react"
import userEvent from "@testing-library/user-event"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { ApiError } from "@/lib/http"
import { initLanguage } from "@/lib/i18n"
import { CopyButton } from "./copyable"

vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }))

async function press(get: () => Promise<string>): Promise<HTMLElement> {
  const user = userEvent.setup()
  render(
    <MantineProvider env="test">
      <CopyButton get={get} />
    </MantineProvider>,
  )
  const button = screen.getByRole("button", { name: "Copy" })
  await user.click(button)
  return button
}

beforeEach(() => initLanguage("en"))
afterEach(cleanup)

describe("a button that copies", () => {
  it("copies what is brought, and says so", async () => {
    const button = await press(() => Promise.resolve("sk-1"))
    expect(await navigator.clipboard.readText()).toBe("sk-1")
    expect(screen.getByText("Copied")).toBeTruthy()
    expect([button.querySelector(".tone-ok") !== null, button.title]).toEqual([true, ""])
  })
  it("shows and says why nothing was copied", async () => {
    const button = await press(() => Promise.reject(new ApiError("", 429, "", "")))
    expect(screen.getByText("Too many calls in a short time")).toBeTruthy()
    expect([button.querySelector(".tone-bad") !== null, button.title]).toEqual([true, "Too many calls in a short time"])
  })
})
