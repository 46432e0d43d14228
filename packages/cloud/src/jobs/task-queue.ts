/**
 * Runs tasks side by side, as far as they don't get into each other's way.
 *
 * A task claims what it works on: exclusively (`instance:…` that it changes) or shared (`network:…` that has to stay as
 * it is meanwhile). Tasks whose claims conflict run in the order in which they came; the others don't wait for them.
 */
import { LoomstackError } from "@loomstack/core";

export interface Claim {
  readonly key: string;
  readonly exclusive: boolean;
}

export const exclusively = (key: string): Claim => ({ key, exclusive: true });
export const shared = (key: string): Claim => ({ key, exclusive: false });

export interface TaskQueueOptions {
  /** How many tasks run at a time. */
  readonly concurrency: number;
  /** How many may wait; more are refused. */
  readonly limit: number;
}

interface Task {
  readonly claims: readonly Claim[];
  readonly start: () => Promise<void>;
  readonly refuse: (error: LoomstackError) => void;
}

export class TaskQueue implements AsyncDisposable {
  readonly #options: TaskQueueOptions;
  readonly #stop = new AbortController();
  readonly #running = new Map<Task, Promise<void>>();
  #waiting: Task[] = [];

  constructor(options: TaskQueueOptions) {
    this.#options = options;
  }

  /**
   * Aborts when the queue is being closed: tasks then stop where they are, to be taken up again after the next start.
   */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** @throws CLOUD__JOBS_EXCEEDED, CLOUD__STOPPING: nothing will be run */
  assertRoom(): void {
    if (this.#stop.signal.aborted) throw new LoomstackError("CLOUD__STOPPING");
    if (this.#waiting.length >= this.#options.limit)
      throw new LoomstackError("CLOUD__JOBS_EXCEEDED", { limit: this.#options.limit });
  }

  /**
   * Runs `work` when its turn comes.
   *
   * @throws what `work` throws, CLOUD__STOPPING when the queue closes before its turn
   */
  run<T>(claims: readonly Claim[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // Begun a moment later, so that a task that queues another finds itself among the running ones.
    const start = (): Promise<void> => Promise.resolve(this.#stop.signal).then(work).then(resolve, reject);
    if (this.#stop.signal.aborted) reject(new LoomstackError("CLOUD__STOPPING"));
    else this.#waiting.push({ claims, start, refuse: reject });
    this.#startRunnable();
    return promise;
  }

  /** Begins no more tasks, aborts those that run and waits for them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new LoomstackError("CLOUD__STOPPING"));
    for (const task of this.#waiting.splice(0)) task.refuse(new LoomstackError("CLOUD__STOPPING"));
    await Promise.all(this.#running.values());
  }

  #startRunnable(): void {
    const room = this.#options.concurrency - this.#running.size;
    for (const task of runnable(this.#waiting, [...this.#running.keys()], room)) {
      this.#waiting = this.#waiting.filter((other) => other !== task);
      this.#running.set(task, this.#run(task));
    }
  }

  async #run(task: Task): Promise<void> {
    await task.start();
    this.#running.delete(task);
    this.#startRunnable();
  }
}

interface Claiming {
  readonly claims: readonly Claim[];
}

/**
 * The waiting tasks that may start now, at most `room`: none that conflicts with one that runs or with an earlier one
 * that has to wait.
 */
export function runnable<T extends Claiming>(waiting: readonly T[], running: readonly T[], room: number): readonly T[] {
  const ahead: Claiming[] = [...running];
  const chosen: T[] = [];
  for (const task of waiting) {
    if (chosen.length < room && !ahead.some((other) => conflict(task, other))) chosen.push(task);
    ahead.push(task);
  }
  return chosen;
}

function conflict(one: Claiming, other: Claiming): boolean {
  return one.claims.some((mine) =>
    other.claims.some((theirs) => mine.key === theirs.key && (mine.exclusive || theirs.exclusive)),
  );
}
