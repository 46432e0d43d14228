/** Time, handed in by whoever composes the process; tests hand in one that they turn themselves. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `task` once after `delayMs`. Disposing the timer before that cancels it. */
  after(delayMs: number, task: () => void): Disposable;
}
