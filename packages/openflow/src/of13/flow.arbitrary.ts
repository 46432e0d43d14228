/** For tests: random flows that a switch accepts, over all fields that Open vSwitch knows and common actions. */
import fc, { type Arbitrary } from "fast-check";
import type { Action } from "./actions.ts";
import type { Flow } from "./flow.ts";
import type { Instruction } from "./instructions.ts";
import { arbitraryMatch, fieldValue } from "./match.arbitrary.ts";
import { fieldRow } from "./oxm.ts";
import { ofPort, Port } from "./ports.ts";

const registers = ["reg0", "reg1", "reg7", "reg15"] as const;

/** Fields that may be set whatever the packet is. */
const settable = ["ethSrc", "ethDst", "tunnelId", "tunIpv4Src", "tunIpv4Dst", "pktMark", ...registers] as const;

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

/** The actions are for packets that have an Ethernet header. */
const ethernetMatch = arbitraryMatch.filter(({ packetType }) => packetType === undefined);

/** Flows that a switch takes: one without a TLV table, groups and meters. */
export const arbitraryFlow: Arbitrary<Flow> = tableId.chain((table) =>
  fc.record({
    tableId: fc.constant(table),
    priority: fc.nat(0xffff),
    cookie: fc.bigInt(0n, 2n ** 64n - 2n),
    match: ethernetMatch,
    instructions: arbitraryInstructions(table),
  }),
);
