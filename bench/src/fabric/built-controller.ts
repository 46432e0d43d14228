/** The controller as users run it: put together by `npm run build`, which is done once, before anything is measured. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const checkout = path.resolve(import.meta.dirname, "../../..");
const program = path.join(checkout, "dist/bench/fabric/controller-main.mjs");
let built: Promise<readonly string[]> | undefined;

/** Arguments for Node.js: the program, behind what its first line says of how it is to be run. */
export function builtController(): Promise<readonly string[]> {
  built ??= build();
  return built;
}

async function build(): Promise<readonly string[]> {
  await promisify(execFile)(process.execPath, [path.join(checkout, "scripts/build.ts")]);
  const [firstLine = ""] = (await readFile(program, "utf8")).split("\n", 1);
  return [...firstLine.split(" ").filter((word) => word.startsWith("--")), program];
}
