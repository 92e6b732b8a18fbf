import a11y from "eslint-plugin-jsx-a11y"
import hooks from "eslint-plugin-react-hooks"
import tseslint from "typescript-eslint"

const feature = "Features do not import each other: what two share moves down to components or lib."

export default tseslint.config(
  { ignores: ["src/routeTree.gen.ts", "src/api/schema.d.ts"] },
  ...tseslint.configs.recommended,
  a11y.flatConfigs.recommended,
  {
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "jsx-a11y/no-autofocus": "off",
      "no-console": "error",
    },
  },
  {
    files: ["src/features/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group: ["@/features/*", "../../features/*"], message: feature }, { group: ["@/routes/*"] }] }] },
  },
  {
    files: ["src/components/**", "src/lib/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group: ["@/features/*", "@/routes/*"] }] }] },
  },
)
