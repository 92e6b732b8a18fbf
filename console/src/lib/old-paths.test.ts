import { expect, it } from "vitest"
import { present } from "./old-paths"

it("knows where old pages are", () => {
  expect(present("/console/token")).toBe("/keys")
  expect(present("/dashboard/overview/")).toBe("/overview")
  expect(present("/system-settings/billing/model-pricing")).toBe("/settings")
})

it("leaves other paths alone", () => {
  expect(present("/keys")).toBeUndefined()
  expect(present("/dashboards")).toBeUndefined()
})
