/** Brings prerequisites one after another, visibly. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { withLock } from "./lock.mjs";
import { stateFolder } from "./places.mjs";
import { openProgress } from "./progress.mjs";
import { CommandFailed, commandRunner } from "./command.mjs";

/** Exits the process with 1 when something can't be brought, and with 130 or 143 when a signal says so. */
export async function bringAll(prerequisites) {
  const runner = commandRunner();
  try {
    requireStateFolder();
    await withLock(async () => {
      // Another process may have brought them while we waited for it.
      const missing = prerequisites.filter((prerequisite) => !prerequisite.isThere());
      for (const [index, prerequisite] of missing.entries()) {
        await bring(prerequisite, `[${index + 1}/${missing.length}] ${prerequisite.title}`, runner);
      }
    });
  } catch (error) {
    if (runner.interruptedBy !== undefined) process.exit(runner.interruptedBy === "SIGINT" ? 130 : 143);
    console.error(`${error instanceof CommandFailed ? error.message : error.stack}`);
    process.exit(1);
  } finally {
    runner.close();
  }
}

function requireStateFolder() {
  try {
    mkdirSync(stateFolder, { recursive: true });
    accessSync(stateFolder, constants.W_OK);
  } catch (error) {
    throw new CommandFailed(
      `${stateFolder} can't be written (${error.code}): start this as the user who owns it, or change its owner.`,
    );
  }
}

async function bring(prerequisite, label, runner) {
  const progress = openProgress(label, prerequisite.detail?.());
  try {
    await prerequisite.bring((command, args, options) =>
      runner.run(command, args, { ...options, onLine: progress.note }),
    );
    if (!prerequisite.isThere())
      throw new CommandFailed(`${prerequisite.title}: everything went well, and yet it is not there`);
    progress.done();
  } catch (error) {
    progress.failed();
    throw error;
  }
}
