/** What a match says of its packets, as far as fields and actions depend on it, and what they lack. */
import { protocols } from "../../text/protocols.ts";
import { ethernetFields } from "../ethernet-fields.ts";
import { allOnes } from "../field-types.ts";
import { type Match, matchEntries } from "../match.ts";
import { type FieldName, type FieldRow, fieldRow } from "../oxm.ts";
import type { Prerequisites } from "../oxm-table.ts";

/** The bits of fields that a match asks for: their values, and which of them it asks for. */
export interface AskedBits {
  bitsOf(name: FieldName): bigint;
  maskOf(name: FieldName): bigint;
}

/** What is known of a packet. A number that isn't known is 0, as it is for no packet that has the field. */
export interface KnownPacket {
  /** The name space and the type of what it starts with; undefined where that shows only when it is looked at. */
  readonly packetType: number | undefined;
  /** Behind the VLAN tags. */
  readonly ethType: number;
  readonly ipProto: number;
  readonly icmpv6Type: number;
  readonly icmpv6Code: number;
  /** Without the header of its transport protocol, which is in the first fragment. */
  readonly isLaterFragment: boolean;
  readonly vlanTags: number;
  /** The connection tracker knows its connection. */
  readonly hasConnection: boolean;
  /** The tracker couldn't tell its connection. */
  readonly isInvalid: boolean;
}

/** What a packet must be for a field or an action, and isn't known to be: conditions of a match in ovs-ofctl's words. */
export type Lack = string;

const tagPresent = 0x1000n;
/** The packet is part of a connection or starts one: new, est, rel, rpl, snat, dnat. */
const connectionBits = 0xcfn;
const invalidBit = 0x10n;
const trackedBit = 0x20n;

export function packetOf(asked: AskedBits): KnownPacket {
  const number = (name: FieldName): number => Number(asked.bitsOf(name));
  const state = asked.bitsOf("ctState");
  const isNotInvalid = (state & trackedBit) !== 0n && (asked.maskOf("ctState") & ~state & invalidBit) !== 0n;
  return {
    packetType: number("packetType"),
    ...{ ethType: number("ethType"), ipProto: number("ipProto") },
    ...{ icmpv6Type: number("icmpv6Type"), icmpv6Code: number("icmpv6Code") },
    isLaterFragment: (number("ipFrag") & 2) !== 0,
    vlanTags: (asked.bitsOf("vlanVid") & tagPresent) === 0n ? 0 : 1,
    hasConnection: (state & connectionBits) !== 0n || isNotInvalid,
    isInvalid: (state & invalidBit) !== 0n,
  };
}

/** Bits of fields that are collected one after the other; a field that is a view of others counts as those. */
export class CollectedBits implements AskedBits {
  readonly #fields = new Map<FieldName, { readonly bits: bigint; readonly mask: bigint }>();

  /** @param match whose conditions are there from the beginning */
  constructor(match: Match = {}) {
    for (const { row, value, mask } of matchEntries(match)) {
      const { toInteger } = row.type;
      this.add(row, toInteger(value), mask === undefined ? allOnes(row.type, value) : toInteger(mask));
    }
  }

  add(row: FieldRow, bits: bigint, mask: bigint): void {
    for (const part of row.parts) {
      const [shift, ones] = [BigInt(part.start), (1n << BigInt(part.bits)) - 1n];
      this.add(fieldRow(part.field as FieldName), (bits >> shift) & ones, (mask >> shift) & ones);
    }
    const before = { bits: this.bitsOf(row.name), mask: this.maskOf(row.name) };
    this.#fields.set(row.name, { bits: (before.bits & ~mask) | (bits & mask), mask: before.mask | mask });
  }

  bitsOf(name: FieldName): bigint {
    return this.#fields.get(name)?.bits ?? 0n;
  }

  maskOf(name: FieldName): bigint {
    return this.#fields.get(name)?.mask ?? 0n;
  }
}

/** The name space of packet types that has those of Ethernet. */
const etherTypes = 1;

/** The type of what is behind the Ethernet header, or of a packet that has none; 0 for one that isn't known. */
export function etherTypeOf({ packetType, ethType }: KnownPacket): number {
  if (packetType === 0) return ethType;
  return Math.floor((packetType ?? 0) / 0x1_0000) === etherTypes ? (packetType ?? 0) % 0x1_0000 : 0;
}

/** The fields of the Ethernet header itself. */
const ofEthernet: ReadonlySet<string> = new Set(
  Object.entries(ethernetFields).flatMap(([name, { requires }]) => (Object.keys(requires).length === 0 ? [name] : [])),
);

/** What a packet lacks for a field to mean anything; undefined for nothing. @see OpenFlow 1.3.5, 7.2.3.8 */
export function lackOf({ name, requires }: FieldRow, packet: KnownPacket): Lack | undefined {
  if (packet.packetType !== 0 && (ofEthernet.has(name) || requires.vlanTag === true)) return "eth";
  return unmetOf(requires, packet);
}

/** What a packet lacks of some prerequisites; undefined for nothing. */
export function unmetOf(requires: Prerequisites, packet: KnownPacket): Lack | undefined {
  const { ethType, ipProto, icmpv6Type } = requires;
  if (!isOneOf(etherTypeOf(packet), ethType) || !isOneOf(packet.ipProto, ipProto)) return protocolWords(requires);
  if (ipProto?.some((number) => withPorts.includes(number)) === true && packet.isLaterFragment)
    return "nw_frag=not_later";
  if (!isOneOf(packet.icmpv6Type, icmpv6Type)) return protocolWords(requires);
  if (icmpv6Type !== undefined && packet.icmpv6Code !== 0) return "icmp_code=0";
  if (requires.vlanTag === true && packet.vlanTags === 0) return "dl_vlan";
  if (requires.connection === true && !packet.hasConnection)
    return "ct_state with one of +new, +est, +rel, +rpl, +snat, +dnat, or with +trk-inv";
  return undefined;
}

/** The protocols whose header only the first fragment has. */
const withPorts: readonly number[] = [6, 17, 132];

function isOneOf(value: number, allowed: readonly number[] | undefined): boolean {
  return allowed === undefined || allowed.includes(value);
}

/** `tcp or tcp6`: the shortest words for them. */
function protocolWords({ ethType, ipProto, icmpv6Type }: Prerequisites): string {
  const found = protocols.filter(
    (protocol) =>
      (ethType === undefined || ethType.includes(protocol.ethType)) &&
      (ipProto === undefined ? protocol.ipProto === undefined : ipProto.includes(protocol.ipProto ?? 0)),
  );
  const names = found.map(({ name }) => name);
  const types = ethType?.map((type) => `dl_type=0x${type.toString(16).padStart(4, "0")}`) ?? [];
  const words = (names.length === 0 ? types : names).join(" or ");
  return icmpv6Type === undefined ? words : `${words},icmp_type=${icmpv6Type.join(" or ")}`;
}
