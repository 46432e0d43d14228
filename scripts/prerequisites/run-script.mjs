/** Runs a script with the Node.js that it needs, in place of this process as far as anybody can tell. */
import { spawn } from "node:child_process";
import path from "node:path";
import { setInterval } from "node:timers";
import { chosenNode } from "./node-runtime.mjs";
import { findProgram, searchPath } from "./places.mjs";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const parentCheckMs = 1000;

/** Hands signals on to the script, and ends as it ends. */
export async function runScript(script, args) {
  const { program } = chosenNode();
  const setpriv = process.platform === "linux" ? findProgram("setpriv") : undefined;
  // Even when this process is killed with -9, the script does not outlive it.
  const dieWithUs = setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"];
  const [command, ...commandArgs] = [...dieWithUs, program, path.resolve(script), ...args];
  const env = { ...process.env, PATH: [path.dirname(program), ...searchPath()].join(path.delimiter) };
  const child = spawn(command, commandArgs, { stdio: "inherit", env });
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  watchNpm(child);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (...end) => resolve(end));
  });
  if (signal === null) process.exit(code);
  for (const each of signals) process.removeAllListeners(each);
  process.kill(process.pid, signal);
}

/** `npm run` that is killed with -9 leaves its script behind; this one notices, and ends. */
function watchNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, parentCheckMs).unref();
}
