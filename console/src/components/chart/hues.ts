/** Eight hues that colour-blind people can tell apart, for both schemes; a name keeps its hue. */
const LIGHT = ["#3744b6", "#b35900", "#117a65", "#9c2a6b", "#5c6b00", "#1b6f9e", "#8a3324", "#5b4a8a"]
const DARK = ["#9aa6ff", "#f2b45c", "#5fd0b5", "#f08cc0", "#c3d150", "#7cc7f0", "#f0a08c", "#c0aef0"]

export function hueOf(name: string, scheme: string): string {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
  const hues = scheme === "dark" ? DARK : LIGHT
  return hues[sum % hues.length] ?? "#3744b6"
}
