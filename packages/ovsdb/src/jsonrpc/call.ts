import { isLoomstackError, LoomstackError, messageOf } from "@loomstack/core";
import type { Json } from "../notation/json.ts";

/**
 * One request on its way, and the promise of its answer. It is settled once; what comes later is ignored and not read.
 */
export class Call<Result> {
  readonly method: string;
  /** Undefined once the call is settled: it may be kept for a while, what it was asked with shall not. */
  #receive: ((result: Json) => Result) | undefined;
  readonly #answer = Promise.withResolvers<Result>();
  readonly #guards: Disposable[] = [];

  constructor(method: string, receive: (result: Json) => Result) {
    this.method = method;
    this.#receive = receive;
  }

  get answer(): Promise<Result> {
    return this.#answer.promise;
  }

  /** Something that watches over the call (a timer, a signal) and ends with it. */
  guard(watch: Disposable): void {
    this.#guards.push(watch);
  }

  /**
   * The result is read at once, before the next message: what it says can't be overtaken by a notification that follows
   * it.
   */
  succeed(result: Json): void {
    const receive = this.#receive;
    if (receive === undefined) return;
    this.#receive = undefined;
    try {
      this.#answer.resolve(receive(result));
    } catch (error) {
      const cause = isLoomstackError(error)
        ? error
        : new LoomstackError("CORE__UNREACHABLE", { what: messageOf(error) }, { cause: error });
      this.#answer.reject(cause);
    }
    this.#unguard();
  }

  fail(error: LoomstackError): void {
    this.#receive = undefined;
    this.#answer.reject(error);
    this.#unguard();
  }

  #unguard(): void {
    for (const watch of this.#guards.splice(0)) watch[Symbol.dispose]();
  }
}

/** Watches a signal for a call. */
export function onAbort(signal: AbortSignal, abandon: () => void): Disposable {
  signal.addEventListener("abort", abandon, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", abandon) };
}
