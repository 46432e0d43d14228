/**
 * How the in-process server can fail at a request: `close` the connection, `stall` (never answer), or send `garbage` or
 * `halfAMessage`.
 */
export type Fault = "close" | "stall" | "garbage" | "halfAMessage";

/** What a fault is done with. */
export interface FaultyPeer {
  write(bytes: string): void;
  destroy(): void;
}

/** The faults that are still to come. Each happens once. */
export class Misbehaviour {
  readonly #faults: { readonly method: string; readonly fault: Fault }[] = [];

  /** The next request for `method` is met with `fault` instead of an answer. */
  plan(method: string, fault: Fault): void {
    this.#faults.push({ method, fault });
  }

  /** Whether the request was met with a fault. */
  strike(method: string, peer: FaultyPeer): boolean {
    const index = this.#faults.findIndex((planned) => planned.method === method);
    const [planned] = index < 0 ? [] : this.#faults.splice(index, 1);
    if (planned === undefined) return false;
    if (planned.fault === "close") peer.destroy();
    if (planned.fault === "garbage") peer.write("\u0000HTTP/1.1 400 Bad Request\r\n\r\n");
    if (planned.fault === "halfAMessage") {
      peer.write('{"result":[{"count":');
      peer.destroy();
    }
    return true;
  }
}
