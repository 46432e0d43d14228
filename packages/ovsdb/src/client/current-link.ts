import { LoomstackError } from "@loomstack/core";
import { abortable } from "./abortable.ts";
import type { Connection } from "./connection.ts";
import type { ServerWatch } from "./server-watch.ts";

/** A connection, and what its server says of its databases. */
export interface Link {
  readonly connection: Connection;
  readonly server: ServerWatch;
}

/** Something that is started on a connection, and then taken on or undone. */
export interface LinkTask<Result> {
  readonly start: (link: Link) => Promise<Result>;
  readonly adopt: (link: Link, result: Result) => void;
  readonly undo: (link: Link, result: Result) => Promise<void>;
}

/** The connection of now, if there is one, and those who wait for the next. */
export class CurrentLink {
  readonly #remotes: string;
  #expected = newExpectation();
  #link: Link | undefined;
  #isEnded = false;

  /** @param remotes what errors call the servers */
  constructor(remotes: string) {
    this.#remotes = remotes;
  }

  get connection(): Connection | undefined {
    return this.#link?.connection;
  }

  set(link: Link): void {
    this.#link = link;
    this.#expected.resolve(link);
  }

  forget(): void {
    if (this.#link === undefined) return;
    this.#link = undefined;
    this.#expected = newExpectation();
    if (this.#isEnded) this.#expected.reject(this.closed("waiting for a connection"));
  }

  /** There will be no other. */
  end(): void {
    this.#isEnded = true;
    this.#expected.reject(this.closed("waiting for a connection"));
  }

  /** @throws OVSDB__NOT_CONNECTED, OVSDB__CLOSED */
  demand(what: string): Link {
    if (this.#isEnded) throw this.closed(what);
    if (this.#link === undefined) throw this.notConnected(what);
    return this.#link;
  }

  /** @throws CORE__ABORTED when the signal aborts; OVSDB__CLOSED */
  next(signal: AbortSignal | undefined): Promise<Link> {
    // One that has ended just now is still to be forgotten.
    if (this.#link?.connection.isOpen === false) this.forget();
    return abortable("waiting for a connection", this.#expected.promise, signal);
  }

  /**
   * Starts something on the first connection that lives long enough. What a living server refuses is the caller's to
   * know.
   *
   * @throws CORE__ABORTED when the signal aborts; OVSDB__CLOSED; what the task throws
   */
  async onFirst<Result>(what: string, signal: AbortSignal | undefined, task: LinkTask<Result>): Promise<void> {
    for (;;) {
      const link = await this.next(signal);
      const starting = task.start(link);
      try {
        const result = await abortable(what, starting, signal);
        if (this.#isEnded) throw this.closed(what);
        return task.adopt(link, result);
      } catch (error) {
        void starting.then((result) => task.undo(link, result)).catch(() => undefined);
        if (this.#isEnded) throw this.closed(what);
        if (link.connection.isOpen || signal?.aborted === true) throw error;
        await link.connection.closed;
      }
    }
  }

  closed(what: string): LoomstackError {
    return new LoomstackError("OVSDB__CLOSED", { remote: this.#remotes, what });
  }

  notConnected(what: string): LoomstackError {
    return new LoomstackError("OVSDB__NOT_CONNECTED", { remotes: this.#remotes, what });
  }
}

/** Nobody has to wait for it. */
function newExpectation(): PromiseWithResolvers<Link> {
  const expectation = Promise.withResolvers<Link>();
  expectation.promise.catch(() => undefined);
  return expectation;
}
