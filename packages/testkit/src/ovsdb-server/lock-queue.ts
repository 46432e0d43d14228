import { failure } from "./elements.ts";

/** Who may have a lock, and hears of it. */
export interface LockClient {
  notifyLock(method: "locked" | "stolen", name: string): void;
}

/** The locks of one server (RFC 7047, 4.1.8): for each name those who asked, the owner first. */
export class LockQueue {
  readonly #byName = new Map<string, LockClient[]>();

  owns(client: LockClient, name: string): boolean {
    return this.#byName.get(name)?.[0] === client;
  }

  /** @returns whether the client owns the lock now. @throws OVSDB__OPERATION_FAILED when it has asked for it before */
  request(client: LockClient, method: "lock" | "steal", name: string): boolean {
    const queue = this.#byName.get(name) ?? [];
    if (queue.includes(client)) throw failure("syntax error", 'must issue "unlock" before new "lock" or "steal"');
    this.#byName.set(name, queue);
    const owner = queue[0];
    if (method === "lock") queue.push(client);
    else queue.unshift(client);
    if (method === "steal") owner?.notifyLock("stolen", name);
    return queue[0] === client;
  }

  /** @throws OVSDB__OPERATION_FAILED when the client hasn't asked for it */
  release(client: LockClient, name: string): void {
    const queue = this.#byName.get(name) ?? [];
    const place = queue.indexOf(client);
    if (place < 0) throw failure("syntax error", '"unlock" without "lock" or "steal"');
    queue.splice(place, 1);
    if (queue.length === 0) this.#byName.delete(name);
    if (place === 0) queue[0]?.notifyLock("locked", name);
  }

  /** The client has gone. */
  releaseAll(client: LockClient): void {
    const names = [...this.#byName].filter(([, queue]) => queue.includes(client)).map(([name]) => name);
    for (const name of names) this.release(client, name);
  }
}
