import { describe, expect, it } from "vitest"
import { deviceOf } from "./devices"
import { preferencesOf } from "./preferences"
import { searchOf } from "./search"

describe("deviceOf", () => {
  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iOS"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"],
    ["curl/8.5.0", "curl"],
    ["", ""],
  ])("%s", (agent, words) => expect(deviceOf(agent)).toBe(words))
})

describe("preferences", () => {
  it("have defaults where nothing is stored", () => {
    expect(preferencesOf("")).toMatchObject({ notify_type: "email", quota_warning_threshold: 500_000, gotify_priority: 5 })
    expect(preferencesOf('{"notify_type":"bark","bark_url":"https://x","sidebar_modules":"{}"}')).toMatchObject({ notify_type: "bark", bark_url: "https://x" })
  })
})

describe("search", () => {
  it("knows the tabs", () => {
    expect(searchOf({ tab: "security" })).toEqual({ tab: "security" })
    expect(searchOf({ tab: "account" })).toEqual({})
    expect(searchOf({ tab: 3 })).toEqual({})
    expect(searchOf({})).toEqual({})
  })
})
