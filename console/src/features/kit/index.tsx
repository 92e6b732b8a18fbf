/** Every component in every state, for whoever works on the console. Not part of the build that is served. */
import "@/styles/console"
import { Button, Group, Stack, Switch, TextInput, Title } from "@mantine/core"
import { useState } from "react"
import { LazyChart } from "@/components/chart/lazy-chart"
import { DataTable, type Column } from "@/components/data-table/data-table"
import { Pager } from "@/components/data-table/pager"
import { CodeBlock } from "@/components/ui/code-block"
import { useConfirm } from "@/components/ui/confirm"
import { Copyable } from "@/components/ui/copyable"
import { Panel } from "@/components/ui/panel"
import { Sheet } from "@/components/ui/sheet"
import { Stat } from "@/components/ui/stat"
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states"
import { StatusPill } from "@/components/ui/status-pill"
import { compact, money, usd } from "@/lib/format"
import { ApiError } from "@/lib/http"

interface Row {
  id: number
  name: string
  charge: number
}

const ROWS: Row[] = [
  { id: 1, name: "a name", charge: 1_250_000 },
  { id: 2, name: "a name that is a good deal longer than the column has room for", charge: 12 },
]
const COLUMNS: Column<Row>[] = [
  { accessor: "name", title: "Name", ellipsis: true },
  { accessor: "charge", title: "Charge", textAlign: "right", render: ({ charge }) => money(charge) },
]
const HOURS = Array.from({ length: 48 }, (_, hour) => 1_790_000_000 + hour * 3600)
const SERIES = ["gpt-4o-mini", "claude"].map((name, shift) => ({ name, values: HOURS.map((_, hour) => Math.round(50 + 40 * Math.sin(hour / 5 + shift))) }))
const REFUSED = new ApiError("group must name a group.", 200, "", "20261122000000abc")

export function Kit() {
  const [dialog, ask] = useConfirm()
  const [opened, setOpened] = useState(false)
  const [selected, select] = useState<Row[]>([])
  const table = { label: "Rows", columns: COLUMNS, idOf: ({ id }: Row) => id, empty: { title: "Nothing here yet", text: "This is why.", action: <Button>Next step</Button> } }
  return (
    <Stack p="lg" gap="lg" component="main">
      <Title order={1}>Kit</Title>
      <Panel title="Buttons and fields">
        <Group align="flex-end">
          <Button>Primary</Button>
          <Button variant="default">Secondary</Button>
          <Button color="red">Danger</Button>
          <Button loading>Busy</Button>
          <Button disabled>Off</Button>
          <TextInput label="Field" placeholder="placeholder" />
          <TextInput label="Wrong" defaultValue="x" error="A number is wanted." />
          <Switch label="Switch" defaultChecked />
        </Group>
      </Panel>
      <Panel title="Words">
        <Group>
          <StatusPill tone="ok">Enabled</StatusPill>
          <StatusPill tone="warn">Slow</StatusPill>
          <StatusPill tone="bad">Failing</StatusPill>
          <StatusPill tone="off">Disabled</StatusPill>
          <Copyable text="sk-0123456789" />
          <Stat label="Spend" value={usd(12.3456)} note="+12 % against the week before" />
          <Stat label="Tokens" value={compact(1_234_567)} />
        </Group>
      </Panel>
      <Panel title="Table" flush>
        <DataTable {...table} rows={ROWS} selected={selected} onSelect={select} />
        <Pager page={1} size={20} total={41} onPage={() => undefined} onSize={() => undefined} />
      </Panel>
      <Panel title="Table, empty" flush>
        <DataTable {...table} rows={[]} />
      </Panel>
      <Panel title="Table, loading" flush>
        <DataTable {...table} rows={undefined} />
      </Panel>
      <Panel title="Table, failed" flush>
        <DataTable {...table} rows={undefined} error={REFUSED} retry={() => undefined} />
      </Panel>
      <Panel title="Chart">
        <LazyChart label="Requests an hour" times={HOURS} series={SERIES} format={compact} />
      </Panel>
      <Panel title="Code">
        <CodeBlock code={"curl https://example.com/v1/models"} />
      </Panel>
      <Panel title="States">
        <EmptyState title="Nothing here yet" text="This is why, and what to do." />
        <ErrorState error={REFUSED} retry={() => undefined} />
        <SkeletonRows rows={3} />
      </Panel>
      <Group>
        <Button variant="default" onClick={() => setOpened(true)}>
          Open a sheet
        </Button>
        <Button variant="default" onClick={() => ask({ title: "Delete it?", text: "It is gone afterwards.", act: "Delete", run: async () => undefined })}>
          Ask
        </Button>
      </Group>
      <Sheet opened={opened} onClose={() => setOpened(false)} title="A sheet">
        <TextInput label="First field" data-autofocus />
      </Sheet>
      {dialog}
    </Stack>
  )
}
