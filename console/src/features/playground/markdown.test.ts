import { describe, expect, it } from "vitest"
import { inline, markdown } from "./markdown"

const text = (said: string) => ({ kind: "text", text: said })
const paragraph = (said: string) => ({ kind: "paragraph", inner: [text(said)] })

describe("spans", () => {
  it("are nested", () => expect(inline("a **b `c` *d***")).toEqual([text("a "), { kind: "strong", inner: [text("b "), { kind: "code", text: "c" }, text(" "), { kind: "em", inner: [text("d")] }] }]))
  it("link to the web and to mail only", () => {
    expect(inline("[a](https://x.example)")).toEqual([{ kind: "link", to: "https://x.example", inner: [text("a")] }])
    expect(inline("[a](javascript:alert)")).toEqual([text("[a](javascript:alert)")])
    expect(inline("see https://x.example/y.")).toEqual([text("see "), { kind: "link", to: "https://x.example/y", inner: [text("https://x.example/y")] }, text(".")])
  })
  it("never load a picture", () => expect(inline("![a](https://x.example/p.png)")).toEqual([{ kind: "link", to: "https://x.example/p.png", inner: [text("a")] }]))
  it("leave HTML, names and sums as they are", () => {
    for (const said of ["<b onclick=x>hi</b>", "snake_case_name", "2 * 3 * 4"]) expect(inline(said)).toEqual([text(said)])
  })
})

describe("blocks", () => {
  it("are headings, rules, quotes and paragraphs", () =>
    expect(markdown("## Title\n\none\ntwo\n\n---\n> said\n")).toEqual([{ kind: "heading", level: 2, inner: [text("Title")] }, paragraph("one\ntwo"), { kind: "rule" }, { kind: "quote", blocks: [paragraph("said")] }]))
  it("hold code as it is, also while its end is to come", () => {
    expect(markdown("```py\n# a\n\n  b\n```\nafter")).toEqual([{ kind: "code", language: "py", text: "# a\n\n  b" }, paragraph("after")])
    expect(markdown("```\n*a*")).toEqual([{ kind: "code", language: "", text: "*a*" }])
  })
  it("are lists in lists", () =>
    expect(markdown("3. one\n   - inner\n4. two\n\nafter")).toEqual([
      { kind: "list", start: 3, items: [[paragraph("one"), { kind: "list", start: null, items: [[paragraph("inner")]] }], [paragraph("two")]] },
      paragraph("after"),
    ]))
  it("are tables with as many cells as the head", () =>
    expect(markdown("| a | b |\n|---|:-:|\n| 1 |")).toEqual([{ kind: "table", head: [[text("a")], [text("b")]], rows: [[[text("1")], []]] }]))
  it("come to an end whatever is written", () => {
    for (const source of ["- ", "> ", "|", "#", "1.", "```", "-\n-\n", "* * *", "  - a\n b\n\n\n   c", "|a|\n|-|\n"]) expect(markdown(source)).toBeInstanceOf(Array)
  })
})
