import { availableParallelism } from "node:os";
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
    // No test replaces a module (a lint rule), and loading all of them anew for each file costs as much as the tests.
    isolate: false,
    // One more than there are processors, for many tests wait for daemons.
    maxWorkers: availableParallelism() + 1,
    // A promise that nobody handles is a defect, wherever it comes from.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
