/** For tests: every field with a value that a switch takes, and with a mask where it can have one. */
import type { Match } from "./match.ts";
import { type FieldName, type FieldRow, fieldRows } from "./oxm.ts";
import { ofPort } from "./ports.ts";

export interface FieldSample {
  readonly row: FieldRow;
  readonly masked: boolean;
  /** What the field requires, and the field. */
  readonly match: Match;
}

/** Values where not any bits will do. */
const values: Partial<Record<string, unknown>> = {
  packetType: 0x0001_0800,
  inPort: ofPort(7),
  nxmInPort: ofPort(7),
  actsetOutput: ofPort(3),
  vlanVid: 0x1123,
  vlanTci: 0xb123,
  ethType: 0x88cc,
  ipTos: 0x28,
  arpOp: 2,
  tunFlags: 1,
  nshTtl: 63,
  nshMdtype: 1,
  ctState: 0x21,
  ctZone: 5,
  ipFrag: 1,
};

/** Bytes that a switch maps each of the fields tunMetadata0 to tunMetadata63 to, for these samples. */
export const tunMetadataSize = 4;

/** What Open vSwitch 3.1 takes in no flow, and why. */
export const notInFlows: ReadonlyMap<FieldName, string> = new Map<FieldName, string>([
  ["dpHash", "of its own flows only"],
  ["recircId", "of its own flows only"],
  ["inPhyPort", "not of Open vSwitch"],
  ["pbbIsid", "not of Open vSwitch"],
  ["ipv6Exthdr", "not of Open vSwitch"],
  ...fieldRows.filter(isNewRegister).map(({ name }) => [name, "since Open vSwitch 3.7"] as const),
]);

export const fieldSamples: readonly FieldSample[] = fieldRows.flatMap((row) => [
  { row, masked: false, match: { ...prerequisites(row), [row.name]: sampleValue(row) } },
  ...(row.maskable ? [{ row, masked: true, match: { ...prerequisites(row), [row.name]: sampleMasked(row) } }] : []),
]);

/** reg16 and those behind it, and what they are seen as together. */
function isNewRegister({ name }: FieldRow): boolean {
  const [, prefix, number] = /^(x*reg)(\d+)$/.exec(name) ?? [];
  const first = { reg: 16, xreg: 8, xxreg: 4 }[prefix ?? ""];
  return first !== undefined && Number(number) >= first;
}

/** Bits that are neither all the same nor the same in each byte. */
function pattern(bits: number): bigint {
  const bytes = Array.from({ length: Math.ceil(bits / 8) }, (_, index) => (0x5a + 0x17 * index) & 0xff);
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`) & ((1n << BigInt(bits)) - 1n);
}

function sampleValue({ name, type }: FieldRow): unknown {
  const bits = type.variable ? 8 * tunMetadataSize : type.bits;
  // At least one bit, so that the value isn't what a packet has by default.
  return values[name] ?? type.fromInteger(pattern(bits) | 1n, tunMetadataSize);
}

function sampleMasked(row: FieldRow): unknown {
  const { type, name } = row;
  const bits = type.variable ? 8 * tunMetadataSize : type.bits;
  const mask = name === "vlanVid" ? 0x1f00n : name === "vlanTci" ? 0xf0ffn : halfOf(bits);
  const value = type.toInteger(sampleValue(row)) & mask;
  return { value: type.fromInteger(value, tunMetadataSize), mask: type.fromInteger(mask, tunMetadataSize) };
}

/**
 * A mask that is no prefix: every other bit, but the lowest in any case. Its first digit is a letter, because ovs-ofctl
 * takes masks of IPv6 that start with a digit for prefix lengths.
 */
function halfOf(bits: number): bigint {
  if (bits <= 2) return 1n;
  return (BigInt(`0x${"a".repeat(Math.ceil(bits / 4))}`) & ((1n << BigInt(bits)) - 1n)) | 1n;
}

function prerequisites({ name, requires }: FieldRow): Match {
  const { ethType, ipProto, icmpv6Type, vlanTag, connection } = requires;
  return {
    ...(ethType === undefined ? {} : { ethType: ethType[0] }),
    ...(ipProto === undefined ? {} : { ipProto: ipProto[0] }),
    ...(icmpv6Type === undefined ? {} : { icmpv6Type: icmpv6Type[0] }),
    ...(vlanTag === undefined ? {} : { vlanVid: { value: 0x1000, mask: 0x1000 } }),
    ...(connection === undefined ? {} : trackedPackets(name)),
    ...(/^nshC\d$/.test(name) ? { nshMdtype: 1 } : {}),
    ...(name === "tunErspanIdx" ? { tunErspanVer: 1 } : {}),
    ...(name === "tunErspanDir" || name === "tunErspanHwid" ? { tunErspanVer: 2 } : {}),
  };
}

/** The tracker's ports are those of a protocol, and its addresses are of the packet's kind. */
function trackedPackets(name: FieldName): Match {
  return {
    ctState: { value: 0x21, mask: 0x21 },
    ethType: name.startsWith("ctIpv6") ? 0x86dd : 0x0800,
    ...(name.startsWith("ctTp") ? { ctNwProto: 6 } : {}),
  };
}
