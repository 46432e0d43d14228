/** What must hold of the source before anything is run end to end. */
import { generators } from "./generators.ts";
import { runStep } from "./step.ts";
import { runTests, type TestCount } from "./test-run.ts";

/**
 * Types, lint and generated files side by side, and then the unit tests.
 *
 * @returns the unit tests, and each failed step as a failed test
 */
export async function runChecks(options: {
  readonly unitTestsInLab: boolean;
  readonly isStopped: () => boolean;
}): Promise<TestCount> {
  const results = await Promise.all(sourceChecks().map(({ title, args }) => runStep(title, process.execPath, args)));
  const failed = results.filter((ok) => !ok).length;
  if (options.isStopped()) return { passed: 0, failed };
  const unit = await runTests({
    title: "unit tests",
    config: "vitest.config.ts",
    reporter: "dot",
    inLab: options.unitTestsInLab,
  });
  return { passed: unit.passed, failed: failed + unit.failed };
}

function sourceChecks(): { title: string; args: readonly string[] }[] {
  return [
    { title: "types", args: ["node_modules/typescript/bin/tsc", "-p", "."] },
    { title: "format", args: ["node_modules/prettier/bin/prettier.cjs", "--check", "."] },
    { title: "lint", args: ["node_modules/eslint/bin/eslint.js", "."] },
    ...generators.map(({ writes, script }) => ({ title: `${writes} is fresh`, args: [script, "--check"] })),
  ];
}
