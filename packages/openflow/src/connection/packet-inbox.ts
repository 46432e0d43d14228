import type { LoomstackError } from "@loomstack/core";
import type { PacketIn } from "../of13/messages/packet-in.ts";
import type { SwitchConnection } from "./switch-connection.ts";

/**
 * Packets for a consumer that takes its time: they wait in a queue of its own, and those that find it full are dropped
 * and counted. The iteration ends with the connection, or when it is disposed of.
 *
 * @example for await (const packet of new PacketInbox(connection, 1000)) await handle(packet);
 */
export class PacketInbox implements AsyncIterable<PacketIn>, Disposable {
  readonly #most: number;
  readonly #listening: Disposable;
  readonly #waiting: PacketIn[] = [];
  #wake: (() => void) | undefined;
  #dropped = 0;
  #isOver = false;

  /** @param most packets that may wait */
  constructor(
    connection: Pick<SwitchConnection, "packetIns"> & { readonly closed: Promise<LoomstackError | undefined> },
    most: number,
  ) {
    this.#most = most;
    this.#listening = connection.packetIns.add((packet) => this.#receive(packet));
    void connection.closed.then(() => this[Symbol.dispose]());
  }

  /** Packets that found the queue full. */
  get dropped(): number {
    return this.#dropped;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PacketIn> {
    for (;;) {
      const packet = this.#waiting.shift();
      if (packet !== undefined) yield packet;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Takes no more packets; those that wait are still given. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#listening[Symbol.dispose]();
    this.#wake?.();
  }

  #receive(packet: PacketIn): void {
    if (this.#waiting.length >= this.#most) this.#dropped++;
    else this.#waiting.push(packet);
    this.#wake?.();
  }
}
