import type { OfPort } from "@loomstack/core";
import { type PacketIn, type PacketOut, packetOut, Port } from "@loomstack/openflow";

/** What cbench is played with: learns by which port each address comes in, and sends packets where theirs is. */
export class LearningSwitch {
  readonly #ports = new Map<number, OfPort>();

  answer({ match, data }: PacketIn): PacketOut | undefined {
    const { inPort } = match;
    if (typeof inPort !== "number") return undefined;
    this.#ports.set(addressAt(data, 6), inPort);
    const port = this.#ports.get(addressAt(data, 0)) ?? Port.flood;
    return packetOut({ inPort, actions: [{ kind: "output", port }], data });
  }
}

/** The six bytes of a MAC address as a number. */
function addressAt(data: Uint8Array, start: number): number {
  const octet = (index: number): number => data[start + index] ?? 0;
  const low = (octet(2) << 24) | (octet(3) << 16) | (octet(4) << 8) | octet(5);
  return ((octet(0) << 8) | octet(1)) * 2 ** 32 + (low >>> 0);
}
