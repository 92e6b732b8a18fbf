/** Markdown on the screen, made of elements and never of HTML text. */
import { Anchor, Table } from "@mantine/core"
import { Fragment, memo, type ReactNode } from "react"
import { CodeBlock } from "@/components/ui/code-block"
import { markdown, type Block, type Inline } from "../markdown"
import classes from "../playground.module.css"

function Spans({ spans }: { spans: Inline[] }): ReactNode {
  return spans.map((span, index) => <Fragment key={index}>{rendered(span)}</Fragment>)
}

function rendered(span: Inline): ReactNode {
  switch (span.kind) {
    case "text":
      return span.text
    case "code":
      return <code className={classes.codeSpan}>{span.text}</code>
    case "link":
      return (
        <Anchor href={span.to} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
          <Spans spans={span.inner} />
        </Anchor>
      )
    default: {
      const Element = span.kind
      return (
        <Element>
          <Spans spans={span.inner} />
        </Element>
      )
    }
  }
}

function Blocks({ blocks }: { blocks: Block[] }): ReactNode {
  return blocks.map((block, index) => <Fragment key={index}>{shown(block)}</Fragment>)
}

/** A list of one-line items stays tight. */
function Item({ blocks }: { blocks: Block[] }): ReactNode {
  const [first, ...rest] = blocks
  return (
    <li>
      {first?.kind === "paragraph" ? <Spans spans={first.inner} /> : first && shown(first)}
      <Blocks blocks={rest} />
    </li>
  )
}

function shown(block: Block): ReactNode {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <Spans spans={block.inner} />
        </p>
      )
    case "heading":
      // The page's own headings stay the only ones of its outline.
      return (
        <p className={classes.proseHeading} data-level={block.level}>
          <Spans spans={block.inner} />
        </p>
      )
    case "code":
      return <CodeBlock code={block.text} label={block.language || undefined} />
    case "quote":
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      )
    case "rule":
      return <hr />
    case "list": {
      const items = block.items.map((item, index) => <Item key={index} blocks={item} />)
      return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>
    }
    case "table":
      return (
        <Table.ScrollContainer minWidth={0}>
          <Table withTableBorder withColumnBorders>
            <Table.Thead>
              <Table.Tr>
                {block.head.map((cell, index) => (
                  <Table.Th key={index}>
                    <Spans spans={cell} />
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {block.rows.map((row, index) => (
                <Table.Tr key={index}>
                  {row.map((cell, column) => (
                    <Table.Td key={column}>
                      <Spans spans={cell} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )
  }
}

export const Prose = memo(function Prose({ text }: { text: string }) {
  return (
    <div className={classes.prose}>
      <Blocks blocks={markdown(text)} />
    </div>
  )
})
