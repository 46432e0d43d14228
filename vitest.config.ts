import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "lab/src/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "tools/**/*.test.ts",
      "scripts/**/*.test.{ts,mjs}",
    ],
    exclude: ["**/*.e2e.test.ts", "**/node_modules/**"],
    // A promise that nobody handles is a defect, wherever it comes from.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
