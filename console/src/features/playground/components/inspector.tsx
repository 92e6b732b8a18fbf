/** Beside the thread: what is set, what is sent, what came back, and the same as code. */
import { SegmentedControl, Tabs } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { DIALECT } from "../dialects"
import classes from "../playground.module.css"
import { prepared } from "../request"
import { TABS, type Tab } from "../search"
import type { Exchange } from "../send"
import type { Lane, Parameters } from "../types"
import { CodeTab } from "./code-tab"
import { ParametersTab } from "./parameters-tab"
import { RequestTab } from "./request-tab"
import { ResponseTab } from "./response-tab"

interface Props {
  lanes: Lane[]
  at: number
  onLane: (index: number) => void
  /** The lane as it will be sent. */
  previewed: Lane
  parameters: Parameters
  onParameters: (parameters: Parameters) => void
  /** The request as edited by hand. */
  detached: string | undefined
  onDetached: (json: string | undefined) => void
  exchange: Exchange | undefined
  tab: Tab
  onTab: (tab: Tab) => void
}

export function Inspector({ lanes, at, onLane, previewed, parameters, onParameters, detached, onDetached, exchange, tab, onTab }: Props) {
  const { t } = useTranslation("playground")
  const request = prepared(previewed, parameters)
  const dialects = [...new Set(lanes.map(({ dialect }) => dialect))].map((name) => DIALECT[name])
  return (
    <Tabs value={tab} onChange={(next) => onTab(TABS.find((one) => one === next) ?? "parameters")} keepMounted={false}>
      <Tabs.List className={classes.tabList}>
        {TABS.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(`tab.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {lanes.length > 1 && tab !== "parameters" && (
        <div className={classes.tabPanel} style={{ paddingBottom: 0 }}>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={t("inspector.lane")}
            value={String(at)}
            data={lanes.map(({ model }, index) => ({ value: String(index), label: `${index + 1} · ${model}` }))}
            onChange={(value) => onLane(Number(value))}
          />
        </div>
      )}
      <Tabs.Panel value="parameters" className={classes.tabPanel}>
        <ParametersTab parameters={parameters} dialects={dialects} onChange={onParameters} />
      </Tabs.Panel>
      <Tabs.Panel value="request" className={classes.tabPanel}>
        <RequestTab request={request} detached={detached} onDetached={onDetached} />
      </Tabs.Panel>
      <Tabs.Panel value="response" className={classes.tabPanel}>
        <ResponseTab exchange={exchange} />
      </Tabs.Panel>
      <Tabs.Panel value="code" className={classes.tabPanel}>
        <CodeTab dialect={DIALECT[previewed.dialect]} path={request.path} body={detached ?? request.shown} />
      </Tabs.Panel>
    </Tabs>
  )
}
