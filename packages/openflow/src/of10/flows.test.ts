/** What OpenFlow 1.0 can say of flows, and what it refuses. */
import { type Ipv4, isLoomstackError, type Mac } from "@loomstack/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Action } from "../of13/actions.ts";
import type { Instruction } from "../of13/instructions.ts";
import type { Match } from "../of13/match.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import { ofPort } from "../of13/ports.ts";
import { decodeMessage10, encodeMessage10 } from "./messages.ts";

const apply = (...actions: readonly Action[]): readonly Instruction[] => [{ kind: "applyActions", actions }];
const add = (match: Match, instructions: readonly Instruction[] = []): FlowMod => ({
  ...{ kind: "flowMod", command: "add", tableId: 0, match, instructions },
});
const said = (mod: FlowMod): FlowMod => {
  const { message } = decodeMessage10(encodeMessage10(mod, 1, false));
  if (message.kind !== "flowMod") throw new TypeError(message.kind);
  return message;
};
const refusal = (mod: FlowMod, flowModTableId = false): string => {
  try {
    encodeMessage10(mod, 1, flowModTableId);
    return "";
  } catch (error) {
    if (!isLoomstackError(error, "OPENFLOW__UNSUPPORTED_BY_VERSION")) throw error;
    return String(error.context.what);
  }
};

const port = fc.integer({ min: 1, max: 0xfeff }).map(ofPort);
const short = fc.integer({ min: 0, max: 0xffff });
const mac = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 })
  .map((octets) => octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":") as Mac);
const text = (number: number): Ipv4 => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".") as Ipv4;
const address = fc
  .tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 1, max: 32 }))
  .map(([bits, length]) => {
    const mask = (0xffff_ffff << (32 - length)) >>> 0;
    return length === 32 ? text(bits) : { value: text((bits & mask) >>> 0), mask: text(mask) };
  });
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const vlan = fc.constantFrom(
  {},
  { vlanVid: 0 },
  { vlanVid: 0x1064 },
  { vlanVid: 0x1001, vlanPcp: 5 },
  {
    vlanVid: { value: 0x1000, mask: 0x1000 },
    vlanPcp: 2,
  },
);
const layers: fc.Arbitrary<Match> = fc.oneof(
  fc.constant({}),
  fc.record({ ethType: fc.constant(0x86dd) }),
  fc.record({
    ethType: fc.constant(0x0806),
    arpOp: some(fc.constantFrom(1, 2)),
    arpSpa: some(address),
    arpTpa: some(address),
  }),
  fc.record({
    ethType: fc.constant(0x0800),
    ipv4Src: some(address),
    ipv4Dst: some(address),
    ipDscp: some(fc.integer({ min: 0, max: 63 })),
  }),
  fc.record({ ethType: fc.constant(0x0800), ipProto: fc.constant(6), tcpSrc: some(short), tcpDst: some(short) }),
  fc.record({ ethType: fc.constant(0x0800), ipProto: fc.constant(17), udpSrc: some(short), udpDst: some(short) }),
  fc.record({
    ethType: fc.constant(0x0800),
    ipProto: fc.constant(1),
    icmpv4Type: some(fc.integer({ min: 0, max: 255 })),
  }),
);
const match: fc.Arbitrary<Match> = fc
  .tuple(fc.record({ inPort: some(port), ethSrc: some(mac), ethDst: some(mac) }), vlan, layers)
  .map((parts) => Object.assign({}, ...parts) as Match);

test("every match that it can ask for is read as it was written", () => {
  fc.assert(
    fc.property(match, (wanted) => {
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
      expect(said(add(wanted)).match).toEqual(given);
    }),
  );
});

test.each<readonly [Match, string]>([
  [{ reg0: 1 }, "a match of reg0"],
  [
    { ethSrc: { value: "01:00:00:00:00:00" as Mac, mask: "01:00:00:00:00:00" as Mac } },
    "a match of ethSrc with the mask",
  ],
  [{ ethType: 0x0800, ipv4Src: { value: text(10), mask: text(0xff) } }, "which is no prefix"],
  [{ ipv4Src: text(10) }, "a match of ipv4Src"],
  [{ ethType: 0x0800, tcpDst: 80 }, "a match of tcpDst"],
  [{ ethType: 0x86dd, ipProto: 6 }, "a match of ipProto"],
  [{ vlanVid: { value: 0x1000, mask: 0x1000 } }, "a match of vlanVid"],
  [{ vlanVid: 100 }, "no tag bit"],
  [{ unknown: [{ oxmClass: 9, number: 1, hasMask: false, bytes: Uint8Array.of(1) }] }, "an unknown field"],
])("a match that it can't ask for is refused: %j", (wanted, what) => {
  expect(refusal(add(wanted))).toContain(what);
});

test("a tag is pushed onto untagged packets only, for others would be retagged", () => {
  const push = apply({ kind: "pushVlan", etherType: 0x8100 }, { kind: "setField", field: "vlanVid", value: 0x1064 });
  expect(said(add({ vlanVid: 0 }, push)).instructions).toEqual(push);
  expect(refusal(add({}, push))).toContain("pushVlan");
  expect(refusal(add({ vlanVid: 0x1001 }, push))).toContain("pushVlan");
  expect(refusal(add({ vlanVid: 0 }, [...push, ...push]))).toContain("pushVlan");
  expect(refusal(add({ vlanVid: 0 }, apply({ kind: "pushVlan", etherType: 0x8100 })))).toContain("pushVlan");
});

test("other instructions, groups, fields and filters are refused", () => {
  expect(refusal(add({}, [{ kind: "gotoTable", tableId: 1 }]))).toBe("the instruction gotoTable");
  expect(refusal(add({}, apply({ kind: "copyTtlOut" })))).toBe("the action copyTtlOut");
  expect(refusal(add({}, apply({ kind: "setField", field: "tunnelId", value: 1n })))).toBe(
    "an action that sets tunnelId",
  );
  expect(refusal({ ...add({}), cookie: 1n, cookieMask: 1n })).toBe("flows by their cookie");
  expect(refusal({ ...add({}), flags: { resetCounts: true } })).toContain("counters");
});

test("a table is named where the switch has agreed to it", () => {
  expect(refusal({ ...add({}), tableId: 3 })).toContain("table 3");
  const { message } = decodeMessage10(encodeMessage10({ ...add({}), tableId: 3 }, 1, true));
  expect(message).toMatchObject({ tableId: 3, command: "add" });
});
