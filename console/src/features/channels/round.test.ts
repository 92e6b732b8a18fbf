import { act, renderHook } from "@testing-library/react"
import { expect, it, vi } from "vitest"
import { useRound } from "./round"

const ask = vi.hoisted(() => vi.fn())
vi.mock("./api", () => ({ useTestAll: () => ({ mutateAsync: ask }) }))

it("a second test of all is not taken for the first one, which is over", async () => {
  const { result } = renderHook(useRound)
  const [since, start] = [() => result.current[0], () => result.current[1]()]
  ask.mockResolvedValueOnce({ created_at: 100 })
  await act(start)
  expect(since()).toBe(100)
  let answer: (started: { created_at: number }) => void = () => {}
  ask.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)))
  let second: Promise<void> | undefined
  act(() => {
    second = start()
  })
  expect(since()).toBe(0)
  answer({ created_at: 200 })
  await act(() => second)
  expect(since()).toBe(200)
})
