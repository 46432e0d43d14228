import { isLoomstackError, LoomstackError, messageOf } from "@loomstack/core";
import type { Json } from "../notation/json.ts";

/**
 * One request on its way, and the promise of its answer. It is settled once; what comes later is ignored and not read.
 */
export class Call<Result> {
  readonly method: string;
  readonly #receive: (result: Json) => Result;
  readonly #answer = Promise.withResolvers<Result>();
  readonly #guards = new DisposableStack();
  #isSettled = false;

  constructor(method: string, receive: (result: Json) => Result) {
    this.method = method;
    this.#receive = receive;
  }

  get answer(): Promise<Result> {
    return this.#answer.promise;
  }

  /** Something that watches over the call (a timer, a signal) and ends with it. */
  guard(watch: Disposable): void {
    this.#guards.use(watch);
  }

  /**
   * The result is read at once, before the next message: what it says can't be overtaken by a notification that follows
   * it.
   */
  succeed(result: Json): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    try {
      this.#answer.resolve(this.#receive(result));
    } catch (error) {
      const cause = isLoomstackError(error)
        ? error
        : new LoomstackError("CORE__UNREACHABLE", { what: messageOf(error) }, { cause: error });
      this.#answer.reject(cause);
    }
    this.#guards.dispose();
  }

  fail(error: LoomstackError): void {
    this.#isSettled = true;
    this.#answer.reject(error);
    this.#guards.dispose();
  }
}

/** Watches a signal for a call. */
export function onAbort(signal: AbortSignal, abandon: () => void): Disposable {
  signal.addEventListener("abort", abandon, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", abandon) };
}
