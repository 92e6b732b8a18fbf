import { describe, expect, it } from "vitest"
import type { Channel } from "../api"
import { changes, creationOf, draftOf, editOf, EMPTY } from "./draft"

const CHANNEL = {
  id: 7, type: 1, key: "", name: "one", status: 1, weight: 2, priority: 3, created_time: 0, test_time: 0, response_time: 0, base_url: "", other: "", balance: 0,
  balance_updated_time: 0, models: "a, b,a", group: "default,vip", used_quota: 0, model_mapping: null, status_code_mapping: "", auto_ban: 0, other_info: "", tag: null,
  openai_organization: null, test_model: null, param_override: null, header_override: null, remark: null,
  setting: '{"proxy":"http://p","unknown":1}', settings: '{"allow_speed":true,"other":[1]}',
  channel_info: { is_multi_key: true, multi_key_size: 2, multi_key_status_list: null, multi_key_polling_index: 0, multi_key_mode: "polling" },
} as Channel // prettier-ignore

describe("a draft", () => {
  const before = draftOf(CHANNEL)
  it("holds what the server says", () => {
    expect(before.models).toEqual(["a", "b"])
    expect([before.speed, before.proxy, before.turn, before.autoBan, before.weight]).toEqual([true, "http://p", "polling", false, "2"])
  })
  it("sends nothing when nothing changed", () => expect(editOf(CHANNEL, before, { ...before })).toEqual({ id: 7 }))
  it("sends what changed", () => {
    const now = { ...before, models: ["a"], tag: "t", weight: "5" }
    expect(changes(before, now)).toEqual(["tag", "models", "weight"])
    expect(editOf(CHANNEL, before, now)).toEqual({ id: 7, models: "a", tag: "t", weight: 5 })
  })
  it("keeps what it does not know in the two JSON columns", () => {
    const now = { ...before, proxy: "", speed: false, noStore: true }
    expect(editOf(CHANNEL, before, now)).toEqual({ id: 7, setting: '{"unknown":1}', settings: '{"other":[1],"disable_store":true}' })
  })
  it("says what becomes of a new key only where there are several", () => {
    const now = { ...before, keys: "sk-new", keyChange: "replace" as const }
    expect(editOf(CHANNEL, before, now)).toEqual({ id: 7, key: "sk-new", key_mode: "replace" })
    const single = { ...CHANNEL, channel_info: { ...CHANNEL.channel_info, is_multi_key: false } }
    expect(editOf(single, before, now)).toEqual({ id: 7, key: "sk-new" })
  })
  it("sends keys without the space that came along when they were pasted", () => {
    expect(editOf(CHANNEL, before, { ...before, keys: " sk-new\n" }).key).toBe("sk-new")
    expect(creationOf({ ...EMPTY, type: 1, name: "n", keys: "\tsk-new \n" }).channel?.key).toBe("sk-new")
  })
  it("makes a channel of what was filled in", () => {
    const now = { ...EMPTY, type: 1, name: "n", keys: "k", models: ["m"] }
    expect(creationOf(now)).toEqual({ mode: "single", batch_add_set_key_prefix_2_name: false, channel: { type: 1, name: "n", models: "m", group: "default", key: "k", status: 1 } })
    expect(creationOf({ ...now, keyMode: "multi_to_single", turn: "polling" })).toMatchObject({ mode: "multi_to_single", multi_key_mode: "polling" })
  })
})
