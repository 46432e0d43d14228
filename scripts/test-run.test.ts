import { expect, test } from "vitest";
import { countTests } from "./test-run.ts";

const file = (status: string, tests: number) => ({ status, assertionResults: Array<unknown>(tests).fill({}) });

test("tests are counted as Vitest reports them", () => {
  expect(countTests({ numPassedTests: 3, numFailedTests: 1, testResults: [file("failed", 4)] }, 1)).toEqual({
    passed: 3,
    failed: 1,
  });
});

test("a file that could not be loaded counts as a failed test", () => {
  expect(
    countTests({ numPassedTests: 3, numFailedTests: 0, testResults: [file("passed", 3), file("failed", 0)] }, 1),
  ).toEqual({ passed: 3, failed: 1 });
});

test("a run that fails without a failed test, or without a report, counts as one", () => {
  expect(countTests({ numPassedTests: 3, numFailedTests: 0, testResults: [file("passed", 3)] }, 1)).toEqual({
    passed: 3,
    failed: 1,
  });
  expect(countTests(undefined, 137)).toEqual({ passed: 0, failed: 1 });
});
