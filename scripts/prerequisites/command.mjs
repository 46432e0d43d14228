/** Commands whose output is shown line by line, that are tried again a few times, and that a signal ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

/** Its message is for the user, and ends with the end of the command's output. */
export class CommandFailed extends Error {}

const keptLines = 30;
const firstPauseMs = 2000;

/** Runs one command at a time until it is closed; SIGINT and SIGTERM end the command, and let no other start. */
export function commandRunner() {
  let child;
  const runner = {
    interruptedBy: undefined,
    async run(command, args, { attempts = 1, beforeRetry, mayFail = false, onLine, ...options } = {}) {
      for (let attempt = 1; ; attempt += 1) {
        if (runner.interruptedBy !== undefined) throw new CommandFailed("interrupted");
        const failure = await attemptOnce(command, args, options, onLine, (started) => (child = started));
        if (failure === undefined) return;
        if (runner.interruptedBy !== undefined || (attempt >= attempts && !mayFail)) throw new CommandFailed(failure);
        if (attempt >= attempts) return;
        onLine?.(`failed, trying again (${attempt + 1} of ${attempts})`);
        await pause(firstPauseMs * attempt);
        await beforeRetry?.();
      }
    },
    close() {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
  const interrupt = (signal) => {
    runner.interruptedBy = signal;
    child?.kill("SIGTERM");
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, interrupt);
  return runner;
}

/** @returns why it failed, or undefined */
async function attemptOnce(command, args, options, onLine, onStart) {
  const lines = [];
  const note = (line) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    if (line.trim() !== "") onLine?.(line.trim());
  };
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  onStart(child);
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", note);
  try {
    const [code, signal] = await once(child, "close");
    if (code === 0) return undefined;
    return `${[command, ...args].join(" ")} ended with ${signal ?? code}; the end of its output:\n${lines.join("\n")}`;
  } catch (error) {
    return `${command} can't be started: ${error.message}`;
  }
}
