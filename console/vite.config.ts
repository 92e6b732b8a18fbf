import { tanstackRouter } from "@tanstack/router-plugin/vite"
import react from "@vitejs/plugin-react"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const gateway = process.env.FAREGATE_URL ?? "http://127.0.0.1:3000"
// One file with the libraries that every page needs; whatever else the first pages share stays in their own.
const EVERYWHERE = /rolldown[-/]runtime|node_modules\/(react|react-dom|scheduler|@tanstack|i18next|react-i18next|openapi-fetch|use-sync-external-store|get-nonce|void-elements|html-parse-stringify)\/|createReactComponent|@mantine\/core\/esm\/(core|components\/(Input|Loader|Transition|Paper|Button|UnstyledButton|ActionIcon|CloseButton|Text|Title|Anchor|Stack|Group|Alert|Skeleton|VisuallyHidden|TextInput|PasswordInput))\/|@mantine\/hooks|defaultAttributes|console\/src\/lib\/(?!notify)/
const proxied = ["/api", "/v1", "/v1beta"]

export default defineConfig(({ mode }) => ({
  plugins: [
    tanstackRouter({ target: "react", autoCodeSplitting: true, routeFileIgnorePattern: mode === "production" ? "kit" : undefined }),
    react(),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  html: { cspNonce: "FAREGATE_NONCE" },
  build: {
    outDir: "../faregate/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    manifest: true,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "vendor", test: EVERYWHERE }] } } },
  },
  server: { port: 5173, proxy: Object.fromEntries(proxied.map((path) => [path, { target: gateway }])) },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
}))
