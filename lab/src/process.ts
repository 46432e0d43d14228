/**
 * Commands that are run to their end, and daemons that run until they are killed. Their output is kept within bounds.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { LoomstackError, messageOf } from "@loomstack/core";

/** How a command ended. */
export interface CommandResult {
  /** 128 + the signal's number when a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** The command and what it started are killed after that; 30 s unless told. */
  readonly timeoutMs?: number;
  /** Written to its standard input. */
  readonly input?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Whatever comes after that many characters of an output is dropped. */
const outputLimit = 16 * 1024 * 1024;

/**
 * Runs a command in a process group of its own to its end, whatever its exit code.
 *
 * @throws LAB__TIMEOUT, after the whole group was killed
 * @throws LAB__COMMAND_FAILED when it can't be started at all
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutMs = 30_000, input, env } = options;
  const child = spawn(command, args, { detached: true, stdio: "pipe", env: { ...process.env, ...env } });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A command that ends without reading its input is no error of ours; its exit code tells.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const deadline = AbortSignal.timeout(timeoutMs);
  const onDeadline = (): void => killGroup(child, "SIGKILL");
  deadline.addEventListener("abort", onDeadline);
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    if (deadline.aborted)
      throw new LoomstackError("LAB__TIMEOUT", { what: `the end of ${[command, ...args].join(" ")}`, timeoutMs });
    return { exitCode: code ?? exitCodeOf(signal), stdout: stdout(), stderr: stderr() };
  } catch (error) {
    if (error instanceof LoomstackError) throw error;
    throw new LoomstackError(
      "LAB__COMMAND_FAILED",
      { command, status: "nothing", stderr: messageOf(error) },
      { cause: error },
    );
  } finally {
    deadline.removeEventListener("abort", onDeadline);
  }
}

/** Runs a command that must succeed, and returns its standard output. @throws LAB__COMMAND_FAILED */
export async function requireCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return requireSuccess([command, ...args].join(" "), await runCommand(command, args, options));
}

/** The standard output of a command that must have succeeded. @throws LAB__COMMAND_FAILED */
export function requireSuccess(command: string, result: CommandResult): string {
  if (result.exitCode === 0) return result.stdout;
  const stderr = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
  throw new LoomstackError("LAB__COMMAND_FAILED", { command, status: result.exitCode, stderr });
}

/** What a shell would report for a process that a signal ended. */
export function exitCodeOf(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGTERM: 15,
  };
  return 128 + (signal === null ? 0 : (numbers[signal] ?? 0));
}

/** Signals a process that was spawned `detached` and everything that it started in its process group. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk.slice(0, Math.max(0, outputLimit - text.length));
  });
  return () => text;
}
