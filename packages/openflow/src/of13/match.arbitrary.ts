/** For tests: random matches over all fields of the table that Open vSwitch takes, each with what it requires. */
import { isDeepStrictEqual } from "node:util";
import fc, { type Arbitrary } from "fast-check";
import { fieldSamples, notInFlows } from "./field.samples.ts";
import { type Match, matchEntries } from "./match.ts";
import { type FieldName, type FieldRow, fieldRows } from "./oxm.ts";
import { ofPort, Port } from "./ports.ts";

/** The rows that Open vSwitch takes in flows. */
export const usableRows: readonly FieldRow[] = fieldRows.filter(({ name }) => !notInFlows.has(name));

/** What the sample of each field has besides the field. */
const companions: ReadonlyMap<FieldName, Match> = new Map(
  fieldSamples.map(({ row, match }) => [
    row.name,
    Object.fromEntries(Object.entries(match).filter(([name]) => name !== row.name)),
  ]),
);

/** Names whose values a field may have several of. */
const protocolNames = ["ethType", "ipProto", "icmpv6Type"] as const;

/** What a match has to say before a field means anything, in all the ways in which it can be said. */
function basesOf(row: FieldRow): readonly Match[] {
  return protocolNames.reduce<readonly Match[]>(
    (bases, name) => {
      const values = row.requires[name] ?? [];
      return values.length === 0 ? bases : bases.flatMap((base) => values.map((value) => ({ ...base, [name]: value })));
    },
    [companions.get(row.name) ?? {}],
  );
}

/** What packets are, besides what fields require. */
const otherBases: readonly Match[] = [
  ...[{}, { vlanVid: 0 }, { vlanVid: 0x1005 }, { packetType: 0x0001_0800 }, { packetType: 0x0001_894f }],
];

/** Whether a match says what `row` requires. */
export function fits(row: FieldRow, match: Match): boolean {
  return Object.entries(companions.get(row.name) ?? {}).every(([name, value]) => {
    const said = match[name as FieldName];
    const allowed = protocolNames.find((protocol) => protocol === name);
    if (allowed !== undefined) return row.requires[allowed]?.includes(said as number) === true;
    if (name === "vlanVid") return said !== undefined && said !== 0;
    return isDeepStrictEqual(said, value);
  });
}

/** Fields of the header that packets of another type than Ethernet don't have. */
const ofEthernet = /^(?:eth|vlan)/;

/** The fields that may be asked for besides `base` and `first`. */
function candidates(base: Match, first: readonly FieldRow[]): readonly FieldRow[] {
  const isAnyType = base.packetType !== undefined || first.some(({ name }) => name === "packetType");
  return usableRows.filter(
    (row) =>
      row.name !== "packetType" &&
      base[row.name] === undefined &&
      fits(row, base) &&
      !(isAnyType && ofEthernet.test(row.name)),
  );
}

export interface MatchOptions {
  /** Bytes of the options of a tunnel, each the same; none without. */
  readonly tunMetadataSize?: number;
  /** Fields that are other views of some; a switch gives back those. */
  readonly views?: boolean;
}

/** Packets that a switch can be asked for. */
export function arbitraryMatchWith({ tunMetadataSize = 0, views = false }: MatchOptions): Arbitrary<Match> {
  const takes = ({ type, parts }: FieldRow): boolean =>
    (tunMetadataSize > 0 || !type.variable) && (views || parts.length === 0);
  const around = (row: FieldRow): readonly (readonly [Match, readonly FieldRow[]])[] =>
    basesOf(row).map((base) => [base, [row]]);
  const starts = [...usableRows.filter(takes).flatMap(around), ...otherBases.map((base) => [base, []] as const)];
  return fc.constantFrom(...starts).chain(([base, first]) => {
    const rows = candidates(base, first).filter(takes);
    // Registers and options of tunnels are most of the table, and much alike.
    const groups = [rows.filter(isOneOfMany), rows.filter((row) => !isOneOfMany(row))];
    const chosen = fc.tuple(...groups.map((group) => fc.subarray([...group], { maxLength: 3 })));
    return chosen.chain((lists) => {
      const names = withoutOverlaps(base, [...first, ...lists.flat()]);
      const conditions = names.map((row) => [row.name, condition(row, tunMetadataSize, base)] as const);
      return fc.record(Object.fromEntries(conditions)).map((conditions) => ({ ...base, ...conditions }));
    });
  });
}

function isOneOfMany({ name }: FieldRow): boolean {
  return /^(?:x*reg|tunMetadata)\d+$/.test(name);
}

/** A field, or another view of it: not both. */
function withoutOverlaps(base: Match, rows: readonly FieldRow[]): readonly FieldRow[] {
  const taken = new Set<string>(matchEntries(base).flatMap(({ row }) => namesOf(row)));
  return rows.filter((row) => {
    if (namesOf(row).some((name) => taken.has(name))) return false;
    for (const name of namesOf(row)) taken.add(name);
    return true;
  });
}

function namesOf(row: FieldRow): readonly string[] {
  return [row.name, ...row.parts.map(({ field }) => field)];
}

function condition(row: FieldRow, tunMetadataSize: number, base: Match): Arbitrary<unknown> {
  // With another code, the packet isn't one of the neighbour discovery.
  if (row.name === "icmpv6Code" && base.icmpv6Type !== undefined) return fc.constant(0);
  // Later fragments have no header of another protocol.
  if (row.name === "ipFrag") return fc.constantFrom(...(base.ipProto === undefined ? fragments : firstFragments));
  const whole = fieldValue(row, tunMetadataSize);
  if (!row.maskable) return whole;
  return fc.oneof(
    whole,
    fc.tuple(whole, fieldMask(row, tunMetadataSize)).map(([value, mask]) => maskedBy(row, value, mask)),
  );
}

/** A value without bits outside of its mask. */
function maskedBy({ type }: FieldRow, value: unknown, mask: bigint): unknown {
  const size = value instanceof Uint8Array ? value.byteLength : undefined;
  return { value: type.fromInteger(type.toInteger(value) & mask, size), mask: type.fromInteger(mask, size) };
}

/** Those that ovs-ofctl has a word of its own for: no, first, later, yes, not_later. */
const fragments = [0, 1, 3, { value: 1, mask: 1 }, { value: 0, mask: 2 }];
const firstFragments = [0, 1, { value: 0, mask: 2 }];

/**
 * A mask of at least one bit. ovs-ofctl takes a mask of IPv6 that starts with a decimal digit for a prefix length, so
 * masks of 128 bits start with f here. A VLAN id without the bit for a tag is that of OpenFlow 1.0.
 */
export function fieldMask({ name, type }: FieldRow, tunMetadataSize: number): Arbitrary<bigint> {
  const bits = type.variable ? 8 * tunMetadataSize : type.bits;
  // A priority has no mask.
  if (name === "vlanTci")
    return fc.tuple(fc.nat(0xfff), fc.constantFrom(0x1000, 0xf000)).map(([id, rest]) => BigInt(id | rest));
  const always = type.bits === 128 ? 0xfn << 124n : name === "vlanVid" ? 0x1000n : 1n << BigInt(bits - 1);
  return fc.bigInt(0n, (1n << BigInt(bits)) - 1n).map((mask) => mask | always);
}

const ports = fc.oneof(fc.integer({ min: 1, max: 9 }).map(ofPort), fc.constantFrom(ofPort(0xfeff), Port.local));

/** Values where not any bits will do. */
const values: Partial<Record<FieldName, Arbitrary<unknown>>> = {
  inPort: ports,
  nxmInPort: ports,
  actsetOutput: ports,
  ethType: fc.constantFrom(0x88cc, 0x0600, 0x05ff, 0xffff, 0x88e7),
  // There is one name space besides Ethernet's.
  packetType: fc.nat(0xffff).map((type) => 0x1_0000 + type),
  // With one of these, a packet has no fields of other protocols.
  ipProto: fc.constantFrom(0, 2, 47, 50, 255),
  icmpv6Type: fc.constantFrom(0, 1, 128, 133, 255),
  vlanVid: fc.nat(0xfff).map((id) => 0x1000 + id),
  vlanTci: fc.nat(0xffff).map((tci) => tci | 0x1000),
  ipTos: fc.nat(63).map((dscp) => dscp * 4),
  // Open vSwitch keeps eight bits.
  arpOp: fc.nat(255),
  nshMdtype: fc.constantFrom(1, 2),
  nshTtl: fc.nat(63),
};

/** @param tunMetadataSize bytes of a value whose width is variable */
export function fieldValue(row: FieldRow, tunMetadataSize = 0): Arbitrary<unknown> {
  const { type, name } = row;
  const bits = BigInt(type.variable ? 8 * tunMetadataSize : type.bits);
  // A text doesn't say of how many bytes a value is: it has as many as it needs.
  const least = type.variable ? 1n << (bits - 1n) : 0n;
  return (
    values[name] ?? fc.bigInt(least, (1n << bits) - 1n).map((integer) => type.fromInteger(integer, tunMetadataSize))
  );
}

/** Matches with fields that a switch without a TLV table takes. */
export const arbitraryMatch: Arbitrary<Match> = arbitraryMatchWith({});

/** The fields that the actions of a flow may name: what the match says, is all that is known of its packets. */
export function rowsFor(match: Match): readonly FieldRow[] {
  const isTagged = match.vlanVid !== undefined && match.vlanVid !== 0;
  return usableRows.filter(
    (row) =>
      row.name !== "packetType" &&
      fits(row, match) &&
      !(row.name.startsWith("vlan") && !isTagged) &&
      !(match.packetType !== undefined && ofEthernet.test(row.name)),
  );
}
