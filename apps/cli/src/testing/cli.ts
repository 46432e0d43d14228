/** The command line in the process of the tests, which takes a hundredth of the time that a process of its own does. */
import { Writable } from "node:stream";
import { LoomstackError, systemClock } from "@loomstack/core";
import type { CommandIo } from "../io.ts";
import { noteText } from "../note.ts";
import { Output } from "../output.ts";
import { runCli } from "../run.ts";
import type { CliResult } from "./cli-process.ts";

export interface CliRun extends AsyncDisposable {
  /** When it has ended. */
  readonly ended: Promise<CliResult>;
  /** Resolves when what it has printed matches. @throws what it has printed, when it ends before that */
  printed(pattern: RegExp, stream?: "stdout" | "stderr"): Promise<void>;
  /** What main.ts does at a signal. */
  interrupt(signal?: "SIGINT" | "SIGTERM"): void;
}

export interface CliRunOptions extends Partial<Pick<CommandIo, "clock">> {
  /** All of standard input. */
  readonly input?: string | Uint8Array;
  /** Of standard output; `latin1` has a character for each byte. Default: utf8. */
  readonly encoding?: "utf8" | "latin1";
}

/** Runs `loomstack …` to its end. */
export async function cli(args: readonly string[], options: CliRunOptions = {}): Promise<CliResult> {
  return await startCliRun(args, options).ended;
}

/** Starts `loomstack …`; disposing interrupts it. */
export function startCliRun(args: readonly string[], options: CliRunOptions = {}): CliRun {
  const { input = "", encoding = "utf8", clock = systemClock } = options;
  const ending = new AbortController();
  const stop = (reason: LoomstackError): void => ending.abort(reason);
  const interrupt = (signal: string): void => stop(new LoomstackError("CLI__INTERRUPTED", { signal }));
  const text = { stdout: "", stderr: "" };
  const watches = new Set<() => void>();
  const print = (stream: keyof typeof text, more: string): void => {
    text[stream] += more;
    for (const look of watches) look();
  };
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      print("stdout", chunk.toString(encoding));
      done();
    },
  });
  const state = { status: 0 };
  const io: CommandIo = {
    ...{ output: new Output(stdout, stop), input: once(input), isInputTty: false, isColourRefused: false },
    ...{ clock, signal: ending.signal, stop, atEnd: new DisposableStack() },
    note: (line) => print("stderr", noteText(line)),
    setStatus: (code) => (state.status = code),
  };
  const ended = runCli(args, io).then((failure): CliResult => ({ status: failure ?? state.status, ...text }));
  return {
    ended,
    async printed(pattern, stream = "stdout") {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const look = (): void => {
        if (pattern.test(text[stream])) resolve(undefined);
      };
      watches.add(look);
      look();
      const isOver = await Promise.race([promise, ended]);
      watches.delete(look);
      if (isOver !== undefined && !pattern.test(text[stream])) {
        throw new TypeError(`${args.join(" ")} ended without ${pattern.source}: ${JSON.stringify(text)}`);
      }
    },
    interrupt: (signal = "SIGINT") => interrupt(signal),
    async [Symbol.asyncDispose]() {
      interrupt("SIGTERM");
      await ended;
    },
  };
}

async function* once(input: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  if (input.length > 0) yield await Promise.resolve(input);
}
