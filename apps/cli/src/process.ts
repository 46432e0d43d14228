/**
 * `loomstack`, the command line. Exit status: 0 when it is done, 1 when it failed, 2 when it was called wrongly, 130
 * and 143 after SIGINT and SIGTERM, 141 when nobody reads the output any more. A signal half a second later ends it
 * at once.
 */
import { isatty } from "node:tty";
import { LoomstackError, systemClock } from "@loomstack/core";
import { statusOfSignal } from "./exit-status.ts";
import { noteText } from "./note.ts";
import { Output } from "./output.ts";
import { runCli } from "./run.ts";

const ending = new AbortController();
const stop = (reason: LoomstackError): void => ending.abort(reason);

/** One Ctrl-C comes several times when npm passes on what the terminal has sent to us too. */
const sameSignalMs = 500;
let signalledAtMs = Infinity;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (systemClock.now() - signalledAtMs > sameSignalMs) process.exit(statusOfSignal(signal));
    signalledAtMs = Math.min(signalledAtMs, systemClock.now());
    stop(new LoomstackError("CLI__INTERRUPTED", { signal }));
  });
}
// A standard error that is closed is no reason to fail: there is nobody to tell.
process.stderr.on("error", () => undefined);

const state = { status: 0, isInputUsed: false };
const failure = await runCli(process.argv.slice(2), {
  output: new Output(process.stdout, stop),
  // Only when it is wanted: opening it makes it non-blocking for everyone who shares it.
  get input() {
    state.isInputUsed = true;
    return process.stdin;
  },
  isInputTty: isatty(0),
  clock: systemClock,
  isColourRefused: (process.env["NO_COLOR"] ?? "") !== "",
  signal: ending.signal,
  stop,
  atEnd: new DisposableStack(),
  note: (line) => process.stderr.write(noteText(line)),
  setStatus: (code) => (state.status = code),
});
process.exitCode = failure ?? state.status;
// An input that was being read when the command ended would keep the process.
if (state.isInputUsed) process.stdin.destroy();
