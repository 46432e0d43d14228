/** For tests: random actions that change nothing of their packet: they learn from it, sample it, end its way. */
import fc, { type Arbitrary } from "fast-check";
import type { LearnSpec } from "../nicira/learn.ts";
import type { Subfield } from "../nicira/subfield.ts";
import { ActionChoice } from "./action-choice.arbitrary.ts";
import { bytes, type Kind, type Made, make, port, tableId, u16, u32, u64 } from "./action-kind.arbitrary.ts";

export function learnActions(choice: ActionChoice) {
  const sample = { probability: fc.integer({ min: 1, max: 0xffff }), collectorSetId: u32 };
  const point = { ...sample, obsDomainId: u32, obsPointId: u32 };
  const learn = {
    ...{ tableId, idleTimeoutSec: u16, hardTimeoutSec: u16, finIdleTimeoutSec: u16, finHardTimeoutSec: u16 },
    ...{ priority: u16, cookie: u64 },
    flags: fc
      .subarray(["sendFlowRemoved", "deleteLearned"])
      .map((names) => Object.fromEntries(names.map((name) => [name, true]))),
    specs: fc.array(learnSpec(choice), { maxLength: 3 }),
  };
  return {
    // Text and switches fill it up to a multiple of eight bytes.
    note: make("note", { note: bytes(6, 6) }),
    learn: make("learn", learn),
    learn2: make("learn2", {
      ...learn,
      limit: fc.integer({ min: 1, max: 0xffff_ffff }),
      result: fc.option(choice.exactly("writable", 1), { nil: undefined }),
    }),
    exit: make("exit"),
    sample: make("sample", point),
    sample2: make("sample2", { ...point, samplingPort: port }),
    sample3: make("sample3", { ...point, samplingPort: port, direction: fc.constantFrom("ingress", "egress") }),
    ctClear: make("ctClear"),
    // Not with others; the switch's own tests; since Open vSwitch 3.4.
    ...{ conjunction: undefined, debugSlow: undefined, debugRecirc: undefined, sample4: undefined },
  } satisfies { readonly [K in Kind]?: Made<K> };
}

/** Fields that a learned flow may have in its match whatever else it has. */
function learnSpec(choice: ActionChoice): Arbitrary<LearnSpec> {
  const free = new ActionChoice({});
  const into = free.bits({ of: "writable", short: true });
  const source = (to: Subfield): Arbitrary<Subfield | bigint> =>
    fc.oneof(choice.exactly("readable", to.bits, true), fc.bigInt(0n, (1n << BigInt(to.bits)) - 1n));
  const pair = (kind: "match" | "load") =>
    into.chain((to) => source(to).map((from): LearnSpec => ({ kind, from, to })));
  return fc.oneof(
    pair("match"),
    pair("load"),
    choice.bits({ of: "readable", short: true }).map((from): LearnSpec => ({ kind: "output", from })),
  );
}
