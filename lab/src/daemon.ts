import { spawn } from "node:child_process";
import { once } from "node:events";
import { exitCodeOf, killGroup } from "./process.ts";

/** A process that runs until it is killed. */
export interface Daemon extends AsyncDisposable {
  readonly name: string;
  /** Resolves with the exit code (128 + signal number when killed) once the process has ended. */
  readonly ended: Promise<number>;
  readonly running: boolean;
  /** The last few kilobytes that it wrote to its standard output and error. */
  output(): string;
  /** Signals the process and all it started in its process group, and waits for its end. SIGKILL unless told. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

const outputLimit = 16 * 1024;

/** Starts a process in a process group of its own, with nothing on its standard input. */
export function startDaemon(name: string, command: string, args: readonly string[]): Daemon {
  const child = spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let running = true;
  const note = (text: string): void => {
    output = (output + text).slice(-outputLimit);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", note);
  const ended = once(child, "exit")
    .then(([code, signal]) => (code as number | null) ?? exitCodeOf(signal as NodeJS.Signals | null))
    .catch((error: unknown) => {
      note(String(error));
      return 127;
    })
    .finally(() => {
      running = false;
    });
  const kill = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    if (running) killGroup(child, signal);
    await ended;
  };
  return {
    name,
    ended,
    get running() {
      return running;
    },
    output: () => output,
    kill,
    [Symbol.asyncDispose]: () => kill(),
  };
}
