import type { Clock } from "@loomstack/core";

/** Real time, for tests that have a real peer. */
export const wallClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
