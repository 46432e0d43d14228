/** For tests: random flows over all fields, actions and instructions that Open vSwitch has, as texts and bytes know them. */
import fc, { type Arbitrary } from "fast-check";
import { arbitraryActions, arbitraryConjunctions } from "./action.arbitrary.ts";
import type { Flow } from "./flow.ts";
import type { Instruction } from "./instructions.ts";
import type { Match } from "./match.ts";
import { arbitraryMatchWith, type MatchOptions } from "./match.arbitrary.ts";

/** A flow for a table, with what else its message may say. */
export interface AnyFlow extends Flow {
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  readonly flags: Readonly<Partial<Record<(typeof flagNames)[number], true>>>;
}

const flagNames = ["sendFlowRemoved", "checkOverlap", "resetCounts", "noPacketCounts", "noByteCounts"] as const;
const u64 = fc.bigInt(0n, 2n ** 64n - 1n);

/** Those of its kinds of instructions in the order in which Open vSwitch sends them. */
function arbitraryInstructions(tableId: number, match: Match): Arbitrary<readonly Instruction[]> {
  const actions = arbitraryActions(match);
  // A switch keeps one of each kind in the action set, and no lists of actions.
  const set = arbitraryActions(match, 1).filter((list) =>
    list.every(({ kind }) => ["output", "group", "setField", "setQueue", "decNwTtl", "setNwTtl"].includes(kind)),
  );
  const parts: readonly Arbitrary<Instruction>[] = [
    fc.integer({ min: 1, max: 0xffff_0000 }).map((meterId) => ({ kind: "meter", meterId })),
    actions.map((list) => ({ kind: "applyActions", actions: list })),
    fc.constant({ kind: "clearActions" }),
    set.map((list) => ({ kind: "writeActions", actions: list })),
    fc.tuple(u64, u64).map(([metadata, mask]) => ({ kind: "writeMetadata", metadata: metadata & mask, mask })),
    fc.integer({ min: tableId + 1, max: 254 }).map((next) => ({ kind: "gotoTable", tableId: next })),
  ];
  return fc.oneof(
    { weight: 10, arbitrary: actions.map((list): readonly Instruction[] => [{ kind: "applyActions", actions: list }]) },
    { weight: 9, arbitrary: fc.subarray([...parts]).chain((chosen) => fc.tuple(...chosen)) },
    {
      weight: 1,
      arbitrary: arbitraryConjunctions.map((list): readonly Instruction[] => [{ kind: "applyActions", actions: list }]),
    },
  );
}

export function arbitraryFlowWith(options: MatchOptions): Arbitrary<AnyFlow> {
  return fc.tuple(fc.nat(253), arbitraryMatchWith(options)).chain(([tableId, match]) =>
    fc.record({
      tableId: fc.constant(tableId),
      priority: fc.nat(0xffff),
      cookie: u64.map((cookie) => (cookie === 2n ** 64n - 1n ? 0n : cookie)),
      match: fc.constant(match),
      instructions: arbitraryInstructions(tableId, match),
      idleTimeoutSec: fc.oneof(fc.constant(0), fc.nat(0xffff)),
      hardTimeoutSec: fc.oneof(fc.constant(0), fc.nat(0xffff)),
      flags: fc.subarray([...flagNames]).map((names) => Object.fromEntries(names.map((name) => [name, true as const]))),
    }),
  );
}
