/** npm run generate: writes every generated file anew. */
import { generators } from "./generators.ts";
import { runStep } from "./step.ts";

for (const { writes, script } of generators) {
  if (!(await runStep(writes, process.execPath, [script]))) process.exitCode = 1;
}
