import { spawn } from "node:child_process";
import { isLoomstackError, LoomstackError, messageOf } from "@loomstack/core";
import type { Lock } from "@loomstack/ovsdb";
import { statusOfSignal } from "../../exit-status.ts";
import type { CommandIo } from "../../io.ts";

export interface HeldLock {
  readonly lock: Lock;
  /** Resolves with what ended the connection that has the lock. */
  readonly ending: Promise<LoomstackError>;
}

/**
 * Runs a command with our own standard streams while a lock is held, and gives its exit status. When the lock is lost,
 * the command is ended with SIGTERM: what it does is no longer guarded. A signal that we get is passed on.
 *
 * @throws CLI__COMMAND_NOT_STARTED; CLI__LOCK_LOST, CLI__TIMEOUT when the command has ended after that
 */
export async function runLocked(
  io: CommandIo,
  command: readonly string[],
  { lock, ending }: HeldLock,
): Promise<number> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { stdio: "inherit" });
  const ended = Promise.withResolvers<number>();
  child.once("exit", (code, signal) => ended.resolve(code ?? statusOfSignal(signal ?? "")));
  child.once("error", (error) =>
    ended.reject(new LoomstackError("CLI__COMMAND_NOT_STARTED", { command: file, reason: messageOf(error) })),
  );
  const losing = new AbortController();
  losing.signal.addEventListener("abort", () => void child.kill("SIGTERM"));
  using _losing = lock.changes.add((owned) => {
    if (!owned) losing.abort();
  });
  if (!lock.owned) losing.abort();
  const pass = (): void => passOn(io, (signal) => child.kill(signal));
  io.signal.addEventListener("abort", pass);
  try {
    const status = await ended.promise;
    const stopped: unknown = io.signal.reason;
    if (isLoomstackError(stopped, "CLI__TIMEOUT")) throw stopped;
    if (!losing.signal.aborted) return status;
  } finally {
    io.signal.removeEventListener("abort", pass);
  }
  const reason = (await Promise.race([ending, Promise.resolve()]))?.message ?? "another client has stolen it";
  throw new LoomstackError("CLI__LOCK_LOST", { lock: lock.name, command: file, reason });
}

/** A terminal sends SIGINT to the child as well as to us. */
function passOn({ signal, isInputTty }: CommandIo, kill: (signal: NodeJS.Signals) => void): void {
  const reason: unknown = signal.reason;
  const isInterrupt = isLoomstackError(reason, "CLI__INTERRUPTED") && reason.context.signal === "SIGINT";
  if (!isInterrupt) kill("SIGTERM");
  else if (!isInputTty) kill("SIGINT");
}
