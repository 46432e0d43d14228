import type { Clock, LoomstackError } from "@loomstack/core";
import type { Output } from "./output.ts";

/** What a command has of the process that it runs in. */
export interface CommandIo {
  readonly output: Output;
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array | string>;
  /** Whether a person types at standard input; then the terminal sends signals to child processes by itself. */
  readonly isInputTty: boolean;
  readonly clock: Clock;
  /** Whether the environment asks for output without colours (NO_COLOR). */
  readonly isColourRefused: boolean;
  /** Aborted, with a LoomstackError as the reason, when the command shall end: by a signal, a time limit, a closed output. */
  readonly signal: AbortSignal;
  /** Makes the command end. */
  readonly stop: (reason: LoomstackError) => void;
  /** Disposed of when the command has ended. */
  readonly atEnd: DisposableStack;
  /** Tells the person something on standard error: one line. */
  readonly note: (line: string) => void;
  /** The exit status in place of 0, for a command that is done but passes on another one's status. */
  readonly setStatus: (status: number) => void;
}
