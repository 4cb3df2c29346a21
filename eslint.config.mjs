import globals from "globals";
import tseslint from "typescript-eslint";

/** Arrows only downwards: nodes/*.ts -> nodes/shared -> nodes/lib. */
const forbid = (...patterns) => ({
  "no-restricted-imports": ["error", { patterns: patterns.map(([group, message]) => ({ group, message })) }],
});
const NO_RED = [["node-red", "node-red/*", "@node-red/*"], "nodes/lib is pure: Node-RED objects come by argument."];

export default tseslint.config(
  { ignores: ["dist", "dist.next", "node_modules", "test-output", "test/fixtures"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.test.json", "./tsconfig.editor.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "no-console": "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["nodes/lib/**/*.ts"],
    rules: forbid(NO_RED, [["**/shared/**", "**/nodes/*"], "nodes/lib imports nothing above it."]),
  },
  {
    files: ["nodes/shared/**/*.ts"],
    rules: forbid([["../cortex-xdr-*", "../pan-os-*"], "nodes/shared does not import a node."]),
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["it", "test", "describe", "suite"], package: "node:test" },
          ],
        },
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: globals.node, ecmaVersion: 2023, sourceType: "module" },
  },
);
