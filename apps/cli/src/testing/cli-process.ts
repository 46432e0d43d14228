/** The command line as a process of its own, for tests. */
import { fail } from "node:assert";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const main = join(import.meta.dirname, "..", "main.ts");

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess extends AsyncDisposable {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** When it has ended and all that it printed is read. */
  readonly ended: Promise<CliResult>;
  /** Resolves when what it has printed matches. @throws when it ends before that */
  printed(pattern: RegExp, stream?: "stdout" | "stderr"): Promise<void>;
}

export interface CliOptions {
  /** All of standard input; without it, that stays open. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Of standard output; `latin1` has a character for each byte. Default: utf8. */
  readonly encoding?: "utf8" | "latin1";
}

/** Starts `loomstack …`; disposing kills it. */
export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  const { input, env = process.env, encoding = "utf8" } = options;
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  if (input !== undefined) child.stdin.end(input);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding(encoding);
    child[name].on("data", (chunk: string) => (text[name] += chunk));
  }
  const ended = once(child, "close").then(([status]): CliResult => ({ status: status as number | null, ...text }));
  return {
    child,
    ended,
    async printed(pattern, name = "stdout") {
      while (!pattern.test(text[name])) {
        const more = once(child[name], "data");
        const isOver = await Promise.race([more.then(() => false), ended.then(() => true)]);
        if (isOver && !pattern.test(text[name])) {
          fail(`${args.join(" ")} ended without ${pattern.source}: ${JSON.stringify(text)}`);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs `loomstack …` to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return await startCli(args, { input: "", ...options }).ended;
}
