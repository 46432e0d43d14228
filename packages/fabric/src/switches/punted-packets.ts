import type { Clock, Uuid } from "@loomstack/core";
import type { PuntedPacket, PuntedPackets } from "@loomstack/model";
import { isMasked, type PacketIn } from "@loomstack/openflow";
import { portText } from "./port-text.ts";

/** How many packets are kept of each switch, and how much of each. */
const mostPackets = 16;
const mostBytes = 128;

/** The packets that one switch has sent us: counted, and the last few kept. What comes costs the same, however much. */
export class PuntedPacketLog {
  readonly #clock: Clock;
  readonly #last: PuntedPacket[] = [];
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  /** @param flow the static flow that has sent it, where it was one of ours */
  add(packet: PacketIn, flow: Uuid | undefined): void {
    this.#count += 1;
    const { inPort } = packet.match;
    const port = isMasked(inPort) ? inPort.value : inPort;
    this.#last.push({
      at: this.#clock.now(),
      inPort: port === undefined ? "?" : portText(port),
      table: packet.tableId,
      flow: flow ?? null,
      reason: String(packet.reason),
      totalBytes: packet.totalLength,
      // A copy: the packet's own bytes are a window on all that was received with it.
      start: Buffer.from(packet.data.subarray(0, mostBytes)).toString("hex"),
    });
    if (this.#last.length > mostPackets) this.#last.shift();
  }

  /** The newest first. */
  report(): PuntedPackets {
    return { count: this.#count, last: this.#last.toReversed() };
  }
}
