/**
 * One line for each thing that is brought: on a terminal it lives, elsewhere it is written at the start, now and then,
 * and at the end.
 */
import { performance } from "node:perf_hooks";
import { clearInterval, setInterval } from "node:timers";

const frameMs = 120;
const heartbeatMs = 15_000;

/** @param detail said once, at the start */
export function openProgress(label, detail) {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  const { isTTY, columns = 80 } = process.stderr;
  let last = "";
  const live = () => process.stderr.write(`\r\x1b[K${`… ${label}, ${seconds()}  ${last}`.slice(0, columns - 1)}`);
  if (!isTTY || detail !== undefined) console.error(`… ${label}${detail === undefined ? "" : `: ${detail}`}`);
  const timer = setInterval(
    isTTY ? live : () => console.error(`… ${label}, ${seconds()}  ${last}`),
    isTTY ? frameMs : heartbeatMs,
  );
  const end = (mark) => {
    clearInterval(timer);
    console.error(`${isTTY ? "\r\x1b[K" : ""}${mark} ${label}, ${seconds()}`);
  };
  return {
    /** What the work says at this moment. */
    note(line) {
      last = line;
    },
    done: () => end("✓"),
    failed: () => end("✗"),
  };
}
