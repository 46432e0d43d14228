import { LoomstackError } from "@loomstack/core";
import { type FieldName, fieldRow, type FieldValue, type Subfield } from "@loomstack/openflow";

/**
 * A packet as the values of its fields; those that aren't given are zero. `vlanVid` is 0x1000 | VLAN id for a tagged
 * packet, and `ethType` the type behind the tag. Registers, metadata and the tunnel are the packet's as well, as long
 * as it is in the switch.
 */
export type Packet = { readonly [F in FieldName]?: FieldValue<F> };

/** The field as an unsigned number. */
export function fieldInteger(packet: Packet, field: FieldName): bigint {
  const value = packet[field];
  return value === undefined ? 0n : fieldRow(field).type.toInteger(value);
}

export function withField(packet: Packet, field: FieldName, integer: bigint): Packet {
  return { ...packet, [field]: fieldRow(field).type.fromInteger(integer) };
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

/** Whether the packet has a VLAN tag. */
export function isTagged(packet: Packet): boolean {
  return (fieldInteger(packet, "vlanVid") & 0x1000n) !== 0n;
}

/** @throws OPENFLOW__FAKE_SWITCH_LACKS for a second tag */
export function pushVlan(packet: Packet): Packet {
  if (isTagged(packet)) throw new LoomstackError("OPENFLOW__FAKE_SWITCH_LACKS", { what: "a second VLAN tag" });
  return { ...packet, vlanVid: 0x1000, vlanPcp: 0 };
}

export function popVlan(packet: Packet): Packet {
  const { vlanVid: _vid, vlanPcp: _pcp, ...untagged } = packet;
  return untagged;
}

/**
 * The packet outside of the switch: without registers, metadata and port of entry, without fields that are zero, and
 * without those of a protocol that it isn't of any more, such as the option of a solicitation that became an
 * advertisement. The tunnel stays.
 */
export function leaving(packet: Packet): Packet {
  const fields = Object.entries(packet).filter(
    ([name]) =>
      !isInternal(name) && fieldInteger(packet, name as FieldName) !== 0n && hasProtocol(packet, name as FieldName),
  );
  return Object.fromEntries(fields);
}

/** Whether the packet is of the protocols that a field is part of. */
function hasProtocol(packet: Packet, name: FieldName): boolean {
  const { vlanTag, connection: _connection, ...protocols } = fieldRow(name).requires;
  if (vlanTag === true && !isTagged(packet)) return false;
  return Object.entries(protocols).every(([field, allowed]) =>
    allowed.includes(Number(fieldInteger(packet, field as FieldName))),
  );
}

function isInternal(name: string): boolean {
  return /^reg\d+$/.test(name) || ["metadata", "inPort", "pktMark"].includes(name);
}

function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}
