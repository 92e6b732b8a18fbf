/** The Markdown that models write, as a tree of plain values: no HTML is read, none is made. */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em" | "del"; inner: Inline[] }
  | { kind: "link"; to: string; inner: Inline[] }

export type Block =
  | { kind: "paragraph"; inner: Inline[] }
  | { kind: "heading"; level: number; inner: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; start: number | null; items: Block[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" }

const SPANS = /(`+)([\s\S]*?[^`])\1(?!`)|!?\[([^\]\n]*)\]\(([^()\s]+)(?: "[^"]*")?\)|\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)|__(?=\S)([\s\S]*?\S)__(?!\w)|~~(?=\S)([\s\S]*?\S)~~|\*(?=[^\s*])([^*]*?[^\s*])\*|(?<!\w)_(?=[^\s_])([^_]*?[^\s_])_(?!\w)|(https?:\/\/[^\s<>()]*[^\s<>().,:;!?'"])|\\([\\`*_~[\]()#+\-.!|])/
const SAFE = /^(https?:|mailto:)/i

function span(found: RegExpExecArray): Inline {
  const [whole, , code, label, to, strong, strong2, struck, em, em2, bare, escaped] = found
  if (code !== undefined) return { kind: "code", text: code.trim() }
  if (label !== undefined && to !== undefined) return SAFE.test(to) ? { kind: "link", to, inner: inline(label || to) } : { kind: "text", text: whole }
  if (bare !== undefined) return { kind: "link", to: bare, inner: [{ kind: "text", text: bare }] }
  if (struck !== undefined) return { kind: "del", inner: inline(struck) }
  if (escaped !== undefined) return { kind: "text", text: escaped }
  const bold = strong ?? strong2
  return bold === undefined ? { kind: "em", inner: inline(em ?? em2 ?? "") } : { kind: "strong", inner: inline(bold) }
}

/** The spans of a text. Links lead to the web or to mail, everything else stays text. */
export function inline(source: string): Inline[] {
  const spans: Inline[] = []
  let rest = source
  for (let found = SPANS.exec(rest); found; found = SPANS.exec(rest)) {
    if (found.index) spans.push({ kind: "text", text: rest.slice(0, found.index) })
    spans.push(span(found))
    rest = rest.slice(found.index + found[0].length)
  }
  return rest ? [...spans, { kind: "text", text: rest }] : spans
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/
const QUOTE = /^ {0,3}> ?/
const ITEM = /^( {0,3})([-*+]|(\d{1,9})[.)])(\s+|$)/
const TABLE = /^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*$/

const cells = (line: string): Inline[][] => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => inline(cell.trim()))
const starts = (line: string): boolean => FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line)

/** State: the line that is read next. */
class Reader {
  private at = 0
  constructor(private readonly lines: string[]) {}

  blocks(): Block[] {
    const blocks: Block[] = []
    while (this.at < this.lines.length) {
      if (this.line.trim() === "") this.at += 1
      else blocks.push(this.block())
    }
    return blocks
  }

  private get line(): string {
    return this.lines[this.at] ?? ""
  }

  private block(): Block {
    const fence = FENCE.exec(this.line)
    if (fence) return this.code(fence[1] ?? "", fence[2] ?? "")
    const heading = HEADING.exec(this.line)
    if (heading) {
      this.at += 1
      return { kind: "heading", level: (heading[1] ?? "").length, inner: inline(heading[2] ?? "") }
    }
    if (RULE.test(this.line)) {
      this.at += 1
      return { kind: "rule" }
    }
    if (QUOTE.test(this.line)) return { kind: "quote", blocks: markdown(this.while((line) => QUOTE.test(line)).map((line) => line.replace(QUOTE, "")).join("\n")) }
    if (ITEM.test(this.line)) return this.list()
    if (this.line.includes("|") && TABLE.test(this.lines[this.at + 1] ?? "")) return this.table()
    const first = this.at
    const text = this.while((line) => line.trim() !== "" && (this.at === first || !starts(line)))
    return { kind: "paragraph", inner: inline(text.join("\n")) }
  }

  private while(holds: (line: string) => boolean): string[] {
    const taken: string[] = []
    while (this.at < this.lines.length && holds(this.line)) {
      taken.push(this.line)
      this.at += 1
    }
    return taken
  }

  /** A fence that is not closed yet, while an answer streams, reaches to the end. */
  private code(fence: string, language: string): Block {
    this.at += 1
    const text = this.while((line) => !(line.trim().startsWith(fence) && line.trim().replaceAll(fence[0] ?? "`", "") === ""))
    this.at += 1
    return { kind: "code", language, text: text.join("\n") }
  }

  private list(): Block {
    const first = ITEM.exec(this.line)
    const ordered = first?.[3] !== undefined
    const items: Block[][] = []
    for (let item = first; item && (item[3] !== undefined) === ordered && !RULE.test(this.line); item = ITEM.exec(this.line)) {
      items.push(this.item(item[0].length, item[1]?.length ?? 0))
      const gap = this.at
      this.while((line) => line.trim() === "")
      if (!ITEM.test(this.line)) {
        this.at = gap
        break
      }
    }
    return { kind: "list", start: ordered ? Number(first[3]) : null, items }
  }

  /** An item's own line, and what is indented below it. */
  private item(width: number, margin: number): Block[] {
    const head = this.line.slice(width)
    this.at += 1
    const below = this.while((line) => {
      if (line.trim() === "") return /^\s/.test(this.lines[this.at + 1] ?? "")
      const indent = line.length - line.trimStart().length
      return indent > margin + 1 || (indent <= margin && !starts(line) && (this.lines[this.at - 1] ?? "").trim() !== "")
    })
    return markdown([head, ...below.map((line) => line.replace(new RegExp(`^\\s{0,${width}}`), ""))].join("\n"))
  }

  private table(): Block {
    const head = cells(this.line)
    this.at += 2
    const rows = this.while((line) => line.includes("|") && line.trim() !== "").map(cells)
    return { kind: "table", head, rows: rows.map((row) => head.map((_, column) => row[column] ?? [])) }
  }
}

export function markdown(source: string): Block[] {
  return new Reader(source.replaceAll("\r\n", "\n").replaceAll("\t", "    ").split("\n")).blocks()
}
