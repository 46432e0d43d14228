/** Runs Vitest, and counts what it reports. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { runInLab } from "@loomstack/lab";
import { announce, checkout, stopOnSignal, temporaryFolder } from "./step.ts";

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
}

export interface TestRun {
  readonly title: string;
  /** A Vitest configuration, relative to the checkout. */
  readonly config: string;
  /** What Vitest prints: `dot` for many quick tests, `verbose` for a few long ones. */
  readonly reporter: "dot" | "verbose";
  /** In a world of its own, where nothing can be left behind. */
  readonly inLab: boolean;
}

/** Of Vitest's JSON reporter, what we read. */
interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

const vitest = path.join(checkout, "node_modules/vitest/vitest.mjs");
/** A log that is no terminal is read as text. */
const plain: Readonly<Record<string, string>> = process.stdout.isTTY ? {} : { NO_COLOR: "1" };

export async function runTests(run: TestRun): Promise<TestCount> {
  const end = announce(run.title);
  await mkdir(temporaryFolder, { recursive: true });
  const report = path.join(temporaryFolder, `${run.title.replaceAll(/\W+/g, "-")}.json`);
  await rm(report, { force: true });
  const reporters = [`--reporter=${run.reporter}`, "--reporter=json", `--outputFile.json=${report}`];
  const args = ["run", "--root", checkout, "--config", path.join(checkout, run.config), ...reporters];
  const exitCode = run.inLab ? await runInLab(vitest, args, { env: plain }) : await runHere(args);
  const count = countTests(await readReport(report), exitCode);
  end(count.failed === 0, `${count.passed} passed, ${count.failed} failed`);
  return count;
}

/**
 * Counts tests. A file that could not be loaded counts as one failed test, and so does a run that fails in any other
 * way, such as by an error that no test caught.
 */
export function countTests(report: JsonReport | undefined, exitCode: number): TestCount {
  const broken =
    report?.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length ?? 0;
  const failed = (report?.numFailedTests ?? 0) + broken;
  return { passed: report?.numPassedTests ?? 0, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

async function readReport(file: string): Promise<JsonReport | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as JsonReport;
  } catch {
    return undefined;
  }
}

async function runHere(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: checkout,
    stdio: "inherit",
    env: { ...process.env, ...plain, TMPDIR: temporaryFolder },
  });
  using _stop = stopOnSignal((signal) => child.kill(signal));
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
