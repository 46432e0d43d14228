import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";
import { importLadder } from "./tools/eslint-rules/import-ladder.ts";
import { logSubject } from "./tools/eslint-rules/log-subject.ts";

/** Files that may touch the outside world: timers and time come in through the Clock port everywhere else. */
const shells = [
  "apps/**",
  "lab/**",
  "bench/**",
  "scripts/**",
  "**/*.test.ts",
  "packages/testkit/**",
  "packages/core/src/ports/system-clock.ts",
];

export default defineConfig(
  { ignores: ["**/node_modules/", ".loomstack/", "**/dist/"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["scripts/*.mjs", "*.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { loomstack: { rules: { "import-ladder": importLadder, "log-subject": logSubject } } },
    rules: {
      "loomstack/import-ladder": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/prefer-nullish-coalescing": "off",
    },
  },
  {
    files: ["packages/**/src/**/*.ts", "apps/**/src/**/*.ts", "bench/src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "NewExpression[callee.name='Error']",
          message: "Throw a LoomstackError: its code, blame and context are in the error table.",
        },
        { selector: "TSEnumDeclaration", message: "Use an `as const` object." },
      ],
    },
  },
  {
    files: ["packages/{fabric,openflow,ovsdb}/src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "loomstack/log-subject": "error" },
  },
  {
    files: ["packages/**/src/**/*.ts"],
    ignores: shells,
    rules: {
      "no-restricted-globals": [
        "error",
        ...["setTimeout", "setInterval", "setImmediate"].map((name) => ({
          name,
          message: "Take a Clock (packages/core) instead.",
        })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Take a Clock (packages/core) instead." },
        { object: "process", property: "env", message: "Configuration comes in through apps/server." },
      ],
    },
  },
  {
    files: ["**/*.test.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["mock", "doMock"].map((property) => ({
          object: "vi",
          property,
          message: "Test files share their modules (vitest.config.ts): hand the part in instead.",
        })),
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
);
