/** For tests: random connection tracking, and the translation of addresses inside of it. */
import fc, { type Arbitrary } from "fast-check";
import { ActionChoice } from "./action-choice.arbitrary.ts";
import { address, make, type Of, tableId, u16, u32 } from "./action-kind.arbitrary.ts";
import type { Action } from "./actions.ts";
import { ipv4, ipv6 } from "./field-types.ts";

const address6 = fc.bigInt(1n, 2n ** 128n - 1n).map(ipv6.fromInteger);

export function trackingAction(choice: ActionChoice, isIpv4: boolean): Arbitrary<Of<"ct">> {
  const anyAddress: typeof address | typeof address6 = isIpv4 ? address : address6;
  const [least, most] = isIpv4 ? (["ipv4Min", "ipv4Max"] as const) : (["ipv6Min", "ipv6Max"] as const);
  const toInteger = (text: string): bigint => (isIpv4 ? ipv4.toInteger(text as never) : ipv6.toInteger(text as never));
  const range = fc
    .tuple(anyAddress, anyAddress, fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffff }))
    .map(([one, other, low, high]) => ({
      ...(toInteger(one) < toInteger(other) ? { [least]: one, [most]: other } : { [least]: one }),
      ...(low < high ? { protoMin: low, protoMax: high } : low > 0x8000 ? { protoMin: low } : {}),
    }));
  const direction = fc.constantFrom({ src: true }, { dst: true });
  const spread = fc.constantFrom({}, { persistent: true }, { protoHash: true }, { protoRandom: true });
  const nat = fc.oneof(
    fc.constant<Of<"nat">>({ kind: "nat" }),
    direction.map((flags): Of<"nat"> => ({ kind: "nat", flags })),
    fc.tuple(direction, spread, range).map(([one, how, range]): Of<"nat"> => ({
      ...{ kind: "nat", flags: { ...one, ...how } },
      range,
    })),
  );
  const marks = new ActionChoice({});
  const mark = fc.oneof(
    u32.map((value): Action => ({ kind: "setField", field: "ctMark", value })),
    fc.bigInt(0n, 2n ** 128n - 1n).map((value): Action => ({ kind: "setField", field: "ctLabel", value })),
    marks
      .exactly("readable", 32)
      .map((from): Action => ({ kind: "move", from, to: { field: "ctMark", start: 0, bits: 32 } })),
  );
  const lists = fc.tuple(fc.option(nat, { nil: undefined }), fc.array(mark, { maxLength: 2 }));
  return make("ct", {
    flags: fc.constantFrom({ commit: true }, { commit: true, force: true }),
    zone: fc.oneof(u16, choice.exactly("readable", 16, true)),
    tableId: fc.oneof(tableId, fc.constant(undefined)),
    alg: choice.has("ipProto", 6) ? fc.constantFrom(undefined, 21) : fc.constant(undefined),
    actions: lists.map(([first, rest]) => (first === undefined ? rest : [first, ...rest])),
  });
}
