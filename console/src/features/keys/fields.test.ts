import { describe, expect, it } from "vitest"
import { ApiError } from "@/lib/http"
import type { Key } from "./api"
import { emptyFields, fieldOf, fieldsOf, local, wishOf } from "./fields"
import { searchOf } from "./search"

const KEY: Key = {
  id: 3, name: "laptop", hint: "sk-ab**", state: "on", used: 250_000, limit: 1_250_000, group: "auto", auto_groups: ["vip"],
  cross_group_retry: true, models: ["m"], allow_ips: ["10.0.0.0/8", "::1"], created_at: 1, last_used_at: 0, expires_at: 1_900_000_007,
}

describe("fields", () => {
  it("a key that is not changed is wished as it was", () => {
    const { name, limit, group, auto_groups, cross_group_retry, models, allow_ips, expires_at } = KEY
    expect(wishOf(fieldsOf(KEY, 500_000), 500_000, KEY)).toEqual({ name, limit, group, auto_groups, cross_group_retry, models, allow_ips, expires_at })
  })
  it("an empty form is a key without limits", () => {
    expect(wishOf({ ...emptyFields(""), name: "x", allow_ips: " \n10.1.1.1 \n" }, 500_000)).toEqual({
      name: "x", limit: null, group: "", auto_groups: [], cross_group_retry: false, models: [], allow_ips: ["10.1.1.1"], expires_at: -1,
    })
  })
  it("dates are the viewer's", () => {
    const at = Math.floor(new Date(2030, 0, 2, 3, 4).getTime() / 1000)
    expect(local(at)).toBe("2030-01-02T03:04")
    expect(local(-1)).toBe("")
  })
  it("a refusal is told at the field it names", () => {
    const refused = (message: string) => fieldOf(new ApiError(message, 200, "", ""))
    expect(refused("allow_ips: 'x' is no IP address.")).toBe("allow_ips")
    expect(refused("The name must not be longer than 50 bytes.")).toBe("name")
    expect(refused("You have as many keys as allowed (1000).")).toBeUndefined()
  })
})

describe("search", () => {
  it("keeps what makes sense", () => {
    expect(searchOf({ page: "2", size: 1000, find: 7, status: "odd", open: "new" })).toEqual({ page: 2, find: "7", open: "new" })
    expect(searchOf({ open: "x", status: "off" })).toEqual({ status: "off" })
  })
})
