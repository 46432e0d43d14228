import { Listeners, LoomstackError, messageOf } from "@loomstack/core";
import type { Session } from "../jsonrpc/session.ts";
import { isJsonObject, type Json } from "../notation/json.ts";

/**
 * A named lock of the server (RFC 7047, 4.1.8): one client owns it, the others that asked wait in line. It guards what
 * the clients agree on; transactions are bound to it with `assert(name)`.
 */
export interface Lock extends AsyncDisposable {
  readonly name: string;
  /** Whether it is ours now. False once the connection has ended. */
  readonly owned: boolean;
  /** Told the new `owned` when it becomes ours or is lost: stolen, disposed of, or the connection has ended. */
  readonly changes: Listeners<boolean>;
  /**
   * Resolves when it is ours.
   *
   * @throws CORE__ABORTED when the signal aborts; what ended the connection, or OVSDB__CLOSED
   */
  acquired(signal?: AbortSignal): Promise<void>;
  /** Gives it back, or leaves the line. Never rejects: what can't be given back ends with the connection. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: LoomstackError) => void;
}

/** The state of one lock, without the means to ask for it. */
export class LockState {
  readonly changes = new Listeners<boolean>();
  readonly #waiters = new Set<Waiter>();
  #owned = false;
  #ending: LoomstackError | undefined;

  get owned(): boolean {
    return this.#owned;
  }

  set(owned: boolean): void {
    if (this.#owned === owned) return;
    this.#owned = owned;
    if (owned) for (const waiter of this.#waiters) waiter.resolve();
    this.changes.tell(owned);
  }

  end(error: LoomstackError): void {
    this.#ending ??= error;
    for (const waiter of this.#waiters) waiter.reject(error);
    this.set(false);
  }

  async acquired(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const aborted = (): void =>
      reject(new LoomstackError("CORE__ABORTED", { what: "waiting for a lock", reason: messageOf(signal?.reason) }));
    const waiter: Waiter = { resolve: () => resolve(undefined), reject };
    signal?.addEventListener("abort", aborted);
    this.#waiters.add(waiter);
    if (this.#owned) resolve(undefined);
    if (this.#ending !== undefined) reject(this.#ending);
    if (signal?.aborted === true) aborted();
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal?.removeEventListener("abort", aborted);
    }
  }
}

/** The locks that one connection has or waits for. */
export class Locks {
  readonly #remote: string;
  readonly #byName = new Map<string, LockState>();

  constructor(remote: string) {
    this.#remote = remote;
  }

  /** @throws as Session.request, OVSDB__MALFORMED_VALUE */
  async request(session: Session, method: "lock" | "steal", name: string): Promise<Lock> {
    const state = new LockState();
    await session.request(method, [name], (result) => {
      state.set(readLocked(result));
      this.#byName.set(name, state);
    });
    return {
      name,
      get owned() {
        return state.owned;
      },
      changes: state.changes,
      acquired: (signal) => state.acquired(signal),
      [Symbol.asyncDispose]: () => this.#unlock(session, name, state),
    };
  }

  /** Whether the notification was for one of the locks. */
  receive(method: string, [name]: readonly Json[]): boolean {
    const state = typeof name === "string" ? this.#byName.get(name) : undefined;
    if (state === undefined || (method !== "locked" && method !== "stolen")) return false;
    state.set(method === "locked");
    return true;
  }

  /** The connection has ended, and with it the locks. */
  endAll(error: LoomstackError): void {
    for (const state of this.#byName.values()) state.end(error);
    this.#byName.clear();
  }

  async #unlock(session: Session, name: string, state: LockState): Promise<void> {
    if (this.#byName.get(name) !== state) return;
    this.#byName.delete(name);
    state.end(new LoomstackError("OVSDB__CLOSED", { remote: this.#remote, what: `holding lock ${name}` }));
    await session.request("unlock", [name], () => undefined).catch(() => undefined);
  }
}

function readLocked(result: Json): boolean {
  const locked = isJsonObject(result) ? result["locked"] : undefined;
  if (typeof locked === "boolean") return locked;
  throw new LoomstackError("OVSDB__MALFORMED_VALUE", {
    label: "the answer to a lock",
    reason: "whether it is locked isn't said",
  });
}
