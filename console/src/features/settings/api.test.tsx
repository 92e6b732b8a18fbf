import { QueryClientProvider } from "@tanstack/react-query"
import { act, renderHook, waitFor } from "@testing-library/react"
import type { PropsWithChildren } from "react"
import { expect, it, vi } from "vitest"
import { queryClient } from "@/lib/query"
import { useSave, useSettings } from "./api"

const server = vi.hoisted(() => ({ GET: vi.fn(), PUT: vi.fn() }))
vi.mock("@/lib/http", () => ({ api: server, take: (answer: unknown) => answer, ApiError: Error }))

const Cached = ({ children }: PropsWithChildren) => <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>

it("settings are read again after somebody else changed them, so that the next save is of what they are now", async () => {
  server.GET.mockResolvedValueOnce({ revision: 1, sections: [] }).mockResolvedValue({ revision: 2, sections: [] })
  server.PUT.mockRejectedValueOnce(new Error("SystemName was changed by root in the meantime"))
  const { result } = renderHook(() => ({ settings: useSettings(), save: useSave() }), { wrapper: Cached })
  await waitFor(() => expect(result.current.settings.data?.revision).toBe(1))
  await act(() => result.current.save.mutateAsync({ revision: 1, changes: { SystemName: "Mine" } }).catch(() => undefined))
  expect(result.current.settings.data?.revision).toBe(2)
})
