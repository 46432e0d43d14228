import { isLoomstackError } from "@loomstack/core";
import { CommanderError } from "commander";
import { isQuiet, statusOf } from "./exit-status.ts";
import type { CommandIo } from "./io.ts";
import { createProgram } from "./program.ts";

/**
 * Runs one command line, and gives its exit status when the command has failed or usage was wrong; undefined when all
 * is well. Throws only what is a bug.
 */
export async function runCli(args: readonly string[], io: CommandIo): Promise<number | undefined> {
  using _atEnd = io.atEnd;
  try {
    await createProgram(io).parseAsync(args, { from: "user" });
    return undefined;
  } catch (error) {
    // Commander has said already what was wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? undefined : 2;
    // What fails because the command is being ended isn't the reason for its end.
    const reason: unknown = io.signal.aborted ? io.signal.reason : error;
    if (!isLoomstackError(reason)) throw reason;
    if (!isQuiet(reason)) io.note(reason.message);
    return statusOf(reason);
  }
}
