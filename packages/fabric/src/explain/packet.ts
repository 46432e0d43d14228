import {
  type FieldName,
  fieldRow,
  type FieldValue,
  formatMatch,
  type Match,
  matchEntries,
  type Subfield,
} from "@loomstack/openflow";

/**
 * A packet as the values of its fields; those that aren't given are zero. `vlanVid` is 0x1000 | VLAN id for a tagged
 * packet, and `ethType` the type behind the tag. Registers, metadata, port of entry and tunnel are the packet's as well
 * while it is in a bridge.
 */
export type Packet = { readonly [F in FieldName]?: FieldValue<F> };

/** Whether the conditions on known fields take a packet. */
export function takes(match: Match, packet: Packet): boolean {
  return matchEntries(match).every(({ row, value, mask }) => {
    const bits = mask === undefined ? ones(row.type.bits) : row.type.toInteger(mask);
    return (fieldInteger(packet, row.name) & bits) === (row.type.toInteger(value) & bits);
  });
}

export function withField(packet: Packet, field: FieldName, integer: bigint): Packet {
  return { ...packet, [field]: fieldRow(field).type.fromInteger(integer) };
}

/** The field as an unsigned number. */
export function fieldInteger(packet: Packet, field: FieldName): bigint {
  const value = packet[field];
  return value === undefined ? 0n : fieldRow(field).type.toInteger(value);
}

/** The bits of a field as a number. */
export function readBits(packet: Packet, { field, start, bits }: Subfield): bigint {
  return (fieldInteger(packet, field) >> BigInt(start)) & ones(bits);
}

/** The packet with a number in some bits of a field. */
export function writeBits(packet: Packet, { field, start, bits }: Subfield, value: bigint): Packet {
  const mask = ones(bits) << BigInt(start);
  return withField(packet, field, (fieldInteger(packet, field) & ~mask) | ((value << BigInt(start)) & mask));
}

export function isTagged(packet: Packet): boolean {
  return (fieldInteger(packet, "vlanVid") & 0x1000n) !== 0n;
}

export function withoutTag(packet: Packet): Packet {
  const { vlanVid: _vid, vlanPcp: _pcp, ...untagged } = packet;
  return untagged;
}

/** The packet on a wire or a patch: without registers, metadata, port of entry and tunnel. */
export function onTheWire(packet: Packet): Packet {
  return Object.fromEntries(
    Object.entries(packet).filter(([name]) => !/^(x*reg\d+|metadata|inPort|pktMark|tun[A-Z].*|tunnelId)$/.test(name)),
  );
}

/** The packet in the syntax of ovs-fields(7), without fields that are zero; ofproto/trace reads it. */
export function formatPacket(packet: Packet): string {
  const present = Object.entries(packet).filter(
    ([name]) => fieldInteger(packet, name as FieldName) !== 0n || name === "inPort",
  );
  const protocol = transports.get(packet.ipProto ?? 0);
  return formatMatch(Object.fromEntries(present))
    .map((text) => (protocol === undefined ? text : text.replace(/^(tp|icmp)_/, `${protocol}_`)))
    .join(",");
}

/** In front of ports, types and codes. ofproto/trace takes the names without a protocol for those of TCP and ICMPv4. */
const transports: ReadonlyMap<number, string> = new Map([
  [6, "tcp"],
  [17, "udp"],
  [58, "icmpv6"],
]);

function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}
