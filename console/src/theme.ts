/** One accent, quiet surfaces, contrast of at least 4.5 : 1 in both schemes. */
import { createTheme, darken, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core"

const ink: MantineColorsTuple = [
  "#eef0ff", "#dcdffb", "#b7bdf4", "#9099ee", "#6f7be8", "#5a67e5", "#4e5ce4", "#3f4dcb", "#3744b6", "#2b3aa1",
]

const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif'
const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace'

// The header of an overlay is a `header` element: beside the page's own it would be a second banner.
const NO_LANDMARK = { header: { role: "presentation" } }

export const theme = createTheme({
  primaryColor: "ink",
  colors: { ink },
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  headings: { fontFamily: SANS, fontWeight: "600", sizes: { h1: { fontSize: "20px", lineHeight: "28px" }, h2: { fontSize: "16px", lineHeight: "24px" }, h3: { fontSize: "14px", lineHeight: "20px" } } },
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "16px", sm: "20px", md: "20px", lg: "24px", xl: "28px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 0 } } },
    Drawer: { defaultProps: { position: "right", transitionProps: { duration: 0 }, attributes: NO_LANDMARK } },
    Modal: { defaultProps: { transitionProps: { duration: 0 }, centered: true, attributes: NO_LANDMARK } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, transitionProps: { duration: 0 } } },
  },
})

export const variables: CSSVariablesResolver = (resolved) => {
  const tinted = (dark: boolean) =>
    Object.fromEntries(
      Object.entries(resolved.colors).map(([name, shades]) => [
        `--mantine-color-${name}-light-color`,
        dark ? (shades[2] ?? "") : darken(shades[9] ?? "", 0.4),
      ]),
    )
  return {
    variables: {},
    light: {
      ...tinted(false),
      "--mantine-color-dimmed": "var(--mantine-color-gray-7)",
      "--mantine-color-placeholder": "var(--mantine-color-gray-7)",
      "--mantine-color-error": "var(--mantine-color-red-9)",
      "--surface": "#ffffff",
      "--surface-sunk": "#f7f8fa",
      "--line": "#e3e6ea",
      "--text-2": "#4d5560",
      "--ok": "#1a6b2f",
      "--warn": "#8a4b00",
      "--bad": "#a51d1d",
      "--accent-text": "#3744b6",
    },
    dark: {
      ...tinted(true),
      "--mantine-color-body": "#15171b",
      "--mantine-color-dimmed": "var(--mantine-color-dark-1)",
      "--mantine-color-placeholder": "var(--mantine-color-dark-1)",
      "--mantine-color-error": "var(--mantine-color-red-4)",
      "--surface": "#1b1e23",
      "--surface-sunk": "#121417",
      "--line": "#2c3138",
      "--text-2": "#b3bac4",
      "--ok": "#6fd08c",
      "--warn": "#f2b45c",
      "--bad": "#ff9c9c",
      "--accent-text": "#b7bdf4",
    },
  }
}
