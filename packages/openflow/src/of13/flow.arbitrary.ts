/** For tests: random flows that a switch accepts, over the fields and actions that Open vSwitch knows. */
import fc, { type Arbitrary } from "fast-check";
import type { Action } from "./actions.ts";
import type { Flow } from "./flow.ts";
import type { Instruction } from "./instructions.ts";
import type { Match } from "./match.ts";
import { type FieldName, type FieldRow, fieldRow } from "./oxm.ts";
import { ofPort, Port } from "./ports.ts";

/** What a match may say once it says `base`. */
interface Protocol {
  readonly base: Match;
  readonly fields: readonly FieldName[];
}

const registers = ["reg0", "reg1", "reg7", "reg15"] as const;
const anywhere = [
  "inPort",
  "ethSrc",
  "ethDst",
  "tunnelId",
  "tunIpv4Src",
  "tunIpv4Dst",
  "metadata",
  "pktMark",
  ...registers,
] as const;
const ipv4 = ["ipv4Src", "ipv4Dst", "ipDscp", "ipEcn", "ipTtl", "ipFrag"] as const;
const ipv6 = ["ipv6Src", "ipv6Dst", "ipv6Flabel", "ipDscp"] as const;
const protocols: readonly Protocol[] = [
  { base: {}, fields: [] },
  { base: { vlanVid: 0 }, fields: [] },
  { base: { vlanVid: 0x1005 }, fields: ["vlanPcp"] },
  { base: { vlanVid: { value: 0x1000, mask: 0x1000 } }, fields: [] },
  { base: { ethType: 0x88cc }, fields: [] },
  { base: { ethType: 0x0806 }, fields: ["arpOp", "arpSpa", "arpTpa", "arpSha", "arpTha"] },
  { base: { ethType: 0x0800 }, fields: ipv4 },
  { base: { ethType: 0x0800, ipProto: 6 }, fields: [...ipv4, "tcpSrc", "tcpDst"] },
  { base: { ethType: 0x0800, ipProto: 17 }, fields: [...ipv4, "udpSrc", "udpDst"] },
  { base: { ethType: 0x0800, ipProto: 1 }, fields: [...ipv4, "icmpv4Type", "icmpv4Code"] },
  { base: { ethType: 0x86dd, ipProto: 132 }, fields: [...ipv6, "sctpSrc", "sctpDst"] },
  { base: { ethType: 0x86dd, ipProto: 58, icmpv6Type: 135 }, fields: [...ipv6, "ndTarget", "ndSll"] },
  { base: { ethType: 0x86dd, ipProto: 58, icmpv6Type: 136 }, fields: [...ipv6, "ndTarget", "ndTll"] },
  { base: { ethType: 0x8847 }, fields: ["mplsLabel", "mplsTc", "mplsBos"] },
];

/** Fields that may be set whatever the packet is. */
const settable = ["ethSrc", "ethDst", "tunnelId", "tunIpv4Src", "tunIpv4Dst", "pktMark", ...registers] as const;

export const arbitraryMatch: Arbitrary<Match> = fc.constantFrom(...protocols).chain(({ base, fields }) =>
  fc.subarray([...anywhere, ...fields], { maxLength: 6 }).chain((names) => {
    const conditions = Object.fromEntries(names.map((name) => [name, condition(fieldRow(name))]));
    return fc.record(conditions).map((chosen) => ({ ...chosen, ...base }));
  }),
);

const port = fc.integer({ min: 1, max: 9 }).map(ofPort);

const setField: Arbitrary<Action> = fc
  .constantFrom(...settable)
  .chain((field) => fieldValue(fieldRow(field)).map((value) => ({ kind: "setField", field, value }) as Action));

const load: Arbitrary<Action> = fc.constantFrom(...settable).chain((field) => {
  const size = Math.min(fieldRow(field).type.bits, 64);
  return fc.integer({ min: 1, max: size }).chain((bits) =>
    fc
      .record({ start: fc.integer({ min: 0, max: size - bits }), value: fc.bigInt(0n, (1n << BigInt(bits)) - 1n) })
      .map(({ start, value }) => ({
        kind: "load",
        to: { field, start, bits },
        value,
      })),
  );
});

const arbitraryAction: Arbitrary<Action> = fc.oneof(
  port.map((number): Action => ({ kind: "output", port: number })),
  fc.constantFrom(Port.inPort, Port.local).map((number): Action => ({ kind: "output", port: number })),
  fc.nat(0xffff).map((maxLen): Action => ({ kind: "output", port: Port.controller, maxLen })),
  fc.nat(250).map((tableId): Action => ({ kind: "resubmit", tableId })),
  fc.constant<Action>({
    kind: "move",
    from: { field: "ethSrc", start: 0, bits: 32 },
    to: { field: "reg1", start: 0, bits: 32 },
  }),
  fc.constant<Action>({ kind: "outputRegister", from: { field: "reg7", start: 0, bits: 16 } }),
  setField,
  load,
);

/** Switches refuse to pop a tag that a packet can't have. */
const taggedForAMoment: readonly Action[] = [
  { kind: "pushVlan", etherType: 0x8100 },
  { kind: "setField", field: "vlanVid", value: 0x1005 },
  { kind: "popVlan" },
];

const tableId = fc.integer({ min: 0, max: 200 });

const arbitraryInstructions = (table: number): Arbitrary<readonly Instruction[]> => {
  const step = fc.oneof(
    { weight: 9, arbitrary: arbitraryAction.map((action) => [action]) },
    { weight: 1, arbitrary: fc.constant(taggedForAMoment) },
  );
  const actions = fc.array(step, { maxLength: 5 });
  const parts: Arbitrary<Instruction>[] = [
    actions.map((list) => ({ kind: "applyActions", actions: list.flat() })),
    fc.constant<Instruction>({ kind: "clearActions" }),
    port.map((number) => ({ kind: "writeActions", actions: [{ kind: "output", port: number }] })),
    fc.record({
      kind: fc.constant("writeMetadata" as const),
      metadata: fc.bigInt(0n, 2n ** 64n - 1n),
      mask: fc.bigInt(1n, 2n ** 64n - 1n),
    }),
    fc.integer({ min: table + 1, max: 253 }).map((next) => ({ kind: "gotoTable", tableId: next })),
  ];
  return fc.subarray(parts).chain((chosen) => fc.tuple(...chosen));
};

export const arbitraryFlow: Arbitrary<Flow> = tableId.chain((table) =>
  fc.record({
    tableId: fc.constant(table),
    priority: fc.nat(0xffff),
    cookie: fc.bigInt(0n, 2n ** 64n - 2n),
    match: arbitraryMatch,
    instructions: arbitraryInstructions(table),
  }),
);

function condition(row: FieldRow): Arbitrary<unknown> {
  const whole = fieldValue(row);
  if (row.name === "ipFrag") return fc.constantFrom(...fragments);
  if (!row.maskable) return whole;
  return fc.oneof(whole, fc.record({ value: whole, mask: fieldMask(row) }));
}

/** Those that ovs-ofctl has a word of its own for: no, first, later, yes, not_later. */
const fragments = [0, 1, 3, { value: 1, mask: 1 }, { value: 0, mask: 2 }];

/**
 * ovs-ofctl takes a mask of IPv6 that starts with a decimal digit for a prefix length, so masks of 128 bits start with
 * f here.
 */
function fieldMask({ type }: FieldRow): Arbitrary<unknown> {
  const start = type.bits === 128 ? 0xfn << 124n : 0n;
  return fc.bigInt(start, (1n << BigInt(type.bits)) - 1n).map(type.fromInteger);
}

function fieldValue(row: FieldRow): Arbitrary<unknown> {
  if (row.name === "inPort") return port;
  if (row.name === "arpOp") return fc.nat(255);
  return fc.bigInt(0n, (1n << BigInt(row.type.bits)) - 1n).map(row.type.fromInteger);
}
