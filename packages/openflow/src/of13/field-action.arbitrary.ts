/** For tests: random actions that read and write fields. */
import fc, { type Arbitrary } from "fast-check";
import type { ActionChoice } from "./action-choice.arbitrary.ts";
import { type Kind, type Made, make, u16, u32, u64, type Of } from "./action-kind.arbitrary.ts";
import { fieldMask, fieldValue } from "./match.arbitrary.ts";

export function fieldActions(choice: ActionChoice) {
  const writable = fc.constantFrom(...choice.writable);
  const whole = writable.chain((row) =>
    (row.name === "inPort" ? fc.integer({ min: 1, max: 99 }) : fieldValue(row)).map((value) => ({
      kind: "setField",
      field: row.name,
      value,
    })),
  );
  const maskable = fc.constantFrom(...choice.writable.filter((row) => row.maskable));
  const masked = maskable.chain((row) =>
    fc.tuple(fieldValue(row), fieldMask(row, 0)).map(([value, mask]) => ({
      ...{ kind: "setFieldMasked", field: row.name },
      ...{ value: row.type.fromInteger(row.type.toInteger(value) & mask), mask: row.type.fromInteger(mask) },
    })),
  );
  const move = choice
    .bits({ of: "readable", most: 128 })
    .chain((from) => choice.exactly("writable", from.bits).map((to) => ({ from, to })));
  return {
    setField: whole as Arbitrary<Of<"setField">>,
    setFieldMasked: masked as Arbitrary<Of<"setFieldMasked">>,
    load: choice
      .bits({ of: "writable", short: true })
      .chain((to) =>
        fc.bigInt(0n, (1n << BigInt(to.bits)) - 1n).map((value) => ({ kind: "load" as const, to, value })),
      ),
    move: move.map((both) => ({ kind: "move" as const, ...both })),
    copyField: move.map((both) => ({ kind: "copyField" as const, ...both })),
    stackPush: make("stackPush", { subfield: choice.bits({ of: "readable", most: 128 }) }),
    stackPop: make("stackPop", { subfield: choice.bits({ of: "writable", most: 128 }) }),
    checkPktLarger: make("checkPktLarger", { pktLen: u16, to: choice.exactly("writable", 1) }),
    setTunnel: make("setTunnel", { tunnelId: u32 }),
    setTunnel64: make("setTunnel64", { tunnelId: u64 }),
    // A text has no size: it is that of the switch's TLV table.
    deleteField: make("deleteField", { field: fc.nat(63).map((number) => `tunMetadata${number}` as "tunMetadata0") }),
    writeMetadata: undefined,
  } satisfies { readonly [K in Kind]?: Made<K> };
}
