import { defineConfig } from "vitest/config";

/** The end-to-end tests: in the lab's world, one file at a time, for each builds a lab. */
export default defineConfig({
  test: {
    include: ["{lab,packages/*,apps/*}/src/**/*.e2e.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
