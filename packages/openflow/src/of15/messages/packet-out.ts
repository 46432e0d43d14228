import type { OfPort } from "@loomstack/core";
import { bytesToEnd, type Codec } from "@loomstack/wire";
import type { ReceivedActions } from "../../of13/actions.ts";
import { type Match, match } from "../../of13/match.ts";
import type { PacketOut } from "../../of13/messages/packet-out.ts";
import { noBuffer, Port } from "../../of13/ports.ts";
import { actions15 } from "../actions.ts";

interface ReceivedPacketOut {
  readonly bufferId: number;
  readonly inPort: OfPort;
  /** What else the switch is to take for the packet's metadata. */
  readonly metadata?: Match;
  readonly actions: ReceivedActions;
  readonly data: Uint8Array;
}

/** A packet for a switch to send. Where it came in by is part of a match. @see OpenFlow 1.5.1, 7.3.6 (ofp_packet_out) */
export const packetOut15: Codec<ReceivedPacketOut, Omit<PacketOut, "kind"> & { readonly metadata?: Match }> = {
  read(reader) {
    const bufferId = reader.u32();
    const actionsSize = reader.u16();
    reader.skip(2);
    const { inPort, ...others } = match.read(reader);
    const actions = reader.scoped(actionsSize, actions15.read);
    const data = bytesToEnd.read(reader);
    const isExact = typeof inPort === "number";
    const metadata = isExact || inPort === undefined ? others : { ...others, inPort };
    return {
      bufferId,
      inPort: isExact ? inPort : Port.any,
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
      actions,
      data,
    };
  },
  write(writer, { bufferId, inPort = Port.controller, metadata, actions, data }) {
    writer.u32(bufferId ?? noBuffer);
    const at = writer.size;
    writer.zeros(4);
    match.write(writer, inPort === Port.any ? { ...metadata } : { ...metadata, inPort });
    const start = writer.size;
    actions15.write(writer, actions);
    const size = writer.size - start;
    if (size > 0xffff) throw writer.outOfRange(`${size} bytes`, "a length of 16 bits");
    writer.setU16(at, size);
    writer.bytes(data);
  },
};
