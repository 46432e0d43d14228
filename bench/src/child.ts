/** The sides that run in a process of their own, so that their processor time and memory can be told from ours. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { isLoomstackError, LoomstackError, messageOf } from "@loomstack/core";
import type { Run } from "./benchmark.ts";

const run = promisify(execFile);

const timeLimitMs = 300_000;
const maxOutputBytes = 1024 * 1024;

/** The interpreter that Debian's python3-openvswitch is installed for, whatever else is called python3 here. */
const python = "/usr/bin/python3";

/**
 * Runs a Node.js program of a benchmark, which prints its run as a line of JSON.
 *
 * @param script its name in this folder
 * @throws LAB__COMMAND_FAILED, LAB__TIMEOUT, CORE__ABORTED
 */
export function runNode(script: string, args: readonly string[], signal: AbortSignal): Promise<Run> {
  return runChild(process.execPath, ["--expose-gc", join(import.meta.dirname, script), ...args], signal);
}

/** Likewise a Python program. */
export function runPython(script: string, args: readonly string[], signal: AbortSignal): Promise<Run> {
  return runChild(python, [join(import.meta.dirname, script), ...args], signal);
}

async function runChild(program: string, args: readonly string[], signal: AbortSignal): Promise<Run> {
  const command = [program, ...args.filter((arg) => arg.startsWith(import.meta.dirname))].join(" ");
  try {
    // Even when we are killed with -9, the child does not outlive us.
    const { stdout } = await run("setpriv", ["--pdeathsig", "KILL", program, ...args], {
      signal,
      timeout: timeLimitMs,
      killSignal: "SIGKILL",
      maxBuffer: maxOutputBytes,
    });
    return readRun(stdout, command);
  } catch (error) {
    if (isLoomstackError(error)) throw error;
    if (signal.aborted) throw new LoomstackError("CORE__ABORTED", { what: command, reason: messageOf(signal.reason) });
    const { killed, code, stderr } = error as { killed?: boolean; code?: string | number | null; stderr?: string };
    if (killed === true) throw new LoomstackError("LAB__TIMEOUT", { what: command, timeoutMs: timeLimitMs });
    const context = { command, status: code ?? "a signal", stderr: stderr?.trim() || messageOf(error) };
    throw new LoomstackError("LAB__COMMAND_FAILED", context, { cause: error });
  }
}

function readRun(stdout: string, command: string): Run {
  const json: unknown = JSON.parse(stdout);
  if (typeof json === "object" && json !== null && "figures" in json) return json as Run;
  throw new LoomstackError("LAB__COMMAND_FAILED", { command, status: 0, stderr: `it printed ${stdout.slice(0, 200)}` });
}
