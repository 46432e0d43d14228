/** npm run check: types, lint, generated files, unit tests. Needs no root. */
import { rm } from "node:fs/promises";
import { runChecks } from "./checks.ts";
import { stopOnSignal, temporaryFolder } from "./step.ts";

let stopped: NodeJS.Signals | undefined;
using _stop = stopOnSignal((signal) => (stopped = signal));
const count = await runChecks({ unitTestsInLab: false, isStopped: () => stopped !== undefined });
await rm(temporaryFolder, { recursive: true, force: true });
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = stopped === undefined ? Math.min(count.failed, 1) : 130;
