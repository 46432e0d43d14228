/** npm test: the check, then the end-to-end tests in the lab, and at last whether anything was left behind. */
import { rm } from "node:fs/promises";
import { runChecks } from "./checks.ts";
import { findLeftovers, markProcesses, observeMachine } from "./leftovers.ts";
import { announce, stopOnSignal, temporaryFolder } from "./step.ts";
import { runTests, type TestCount } from "./test-run.ts";

let stopped: NodeJS.Signals | undefined;
const isStopped = (): boolean => stopped !== undefined;
using _stop = stopOnSignal((signal) => (stopped = signal));

const mark = markProcesses();
const before = await observeMachine(mark);
const counts: TestCount[] = [await runChecks({ unitTestsInLab: true, isStopped })];
if (!isStopped()) {
  counts.push(
    await runTests({ title: "end-to-end tests", config: "lab/src/e2e.config.ts", reporter: "verbose", inLab: true }),
  );
}
await rm(temporaryFolder, { recursive: true, force: true });
counts.push(await testNothingIsLeft());

const sum = (of: keyof TestCount): number => counts.reduce((total, count) => total + count[of], 0);
if (stopped !== undefined) console.log(`stopped by ${stopped}`);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = stopped === undefined ? Math.min(sum("failed"), 1) : 130;

async function testNothingIsLeft(): Promise<TestCount> {
  const end = announce("nothing is left behind");
  const leftovers = await findLeftovers(before, mark);
  for (const leftover of leftovers) console.log(`  left behind: ${leftover}`);
  end(leftovers.length === 0);
  return leftovers.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
