import type { Ipv4, Mac } from "@loomstack/core";
import { expect, test } from "vitest";
import type { Action } from "./actions.ts";
import { flowFingerprint, flowKey } from "./flow-identity.ts";
import type { Instruction } from "./instructions.ts";
import type { Match } from "./match.ts";
import { ofPort, Port } from "./ports.ts";

const mac = "52:54:00:00:00:01" as Mac;
const apply = (...actions: readonly Action[]): Instruction => ({ kind: "applyActions", actions });
const fingerprint = (...instructions: readonly Instruction[]): string => flowFingerprint({ cookie: 1n, instructions });
const whole = { start: 0, bits: 32 } as const;

test("a flow is identified by table, priority and match", () => {
  const flow = { tableId: 1, priority: 2, match: { inPort: ofPort(5), ethType: 0x0800, ipv4Src: "10.0.0.1" as Ipv4 } };
  expect(flowKey(flow)).toBe(
    flowKey({ ...flow, match: { ipv4Src: "10.0.0.1" as Ipv4, ethType: 0x0800, inPort: ofPort(5) } }),
  );
  expect(flowKey(flow)).not.toBe(flowKey({ ...flow, tableId: 2 }));
  expect(flowKey(flow)).not.toBe(flowKey({ ...flow, priority: 1 }));
  expect(flowKey(flow)).not.toBe(flowKey({ ...flow, match: { inPort: ofPort(5), ethType: 0x0800 } }));
  expect(flowKey(flow)).not.toBe(
    flowKey({
      ...flow,
      match: { ...flow.match, ipv4Src: { value: "10.0.0.1" as Ipv4, mask: "255.255.255.254" as Ipv4 } },
    }),
  );
});

test("a whole field that is loaded is the same as one that is set", () => {
  const load = apply({ kind: "load", to: { field: "reg0", ...whole }, value: 7n });
  expect(fingerprint(load)).toBe(fingerprint(apply({ kind: "setField", field: "reg0", value: 7 })));
  expect(fingerprint(load)).not.toBe(
    fingerprint(apply({ kind: "load", to: { field: "reg0", start: 0, bits: 16 }, value: 7n })),
  );
});

test("how much of a packet is sent counts for the controller only", () => {
  const output = (port: number, maxLen?: number): string =>
    fingerprint(apply({ kind: "output", port: ofPort(port), maxLen }));
  expect(output(9, 128)).toBe(output(9, 0));
  expect(output(Port.controller, 128)).not.toBe(output(Port.controller, 0));
  expect(output(Port.controller)).toBe(output(Port.controller, 0xffff));
});

test("instructions are executed in an order of their own, and empty lists do nothing", () => {
  const goto: Instruction = { kind: "gotoTable", tableId: 5 };
  expect(fingerprint(goto, apply({ kind: "popVlan" }))).toBe(fingerprint(apply({ kind: "popVlan" }), goto));
  expect(fingerprint(apply(), goto)).toBe(fingerprint(goto));
  expect(fingerprint()).not.toBe(fingerprint(goto));
});

test("cookie, order of actions and values count", () => {
  const set: Action = { kind: "setField", field: "ethSrc", value: mac };
  const output: Action = { kind: "output", port: ofPort(1) };
  expect(flowFingerprint({ cookie: 1n, instructions: [] })).not.toBe(flowFingerprint({ cookie: 2n, instructions: [] }));
  expect(fingerprint(apply(set, output))).not.toBe(fingerprint(apply(output, set)));
  expect(fingerprint(apply({ kind: "pushVlan", etherType: 0x8100 }))).not.toBe(
    fingerprint(apply({ kind: "pushVlan", etherType: 0x88a8 })),
  );
});

test("bits of ERSPAN that Open vSwitch forgets when they are zero don't count", () => {
  const key = (match: Match): string => flowKey({ tableId: 0, priority: 0, match });
  expect(key({ tunErspanVer: 2, tunErspanDir: 0 })).toBe(key({ tunErspanVer: 2 }));
  expect(key({ tunErspanVer: 2, tunErspanDir: 1 })).not.toBe(key({ tunErspanVer: 2 }));
});

test("a protocol 0 of a connection's first packet doesn't count, because Open vSwitch forgets it", () => {
  const key = (match: Match): string => flowKey({ tableId: 0, priority: 0, match });
  expect(key({ ethType: 0x0800, ctNwProto: 0 })).toBe(key({ ethType: 0x0800 }));
  expect(key({ ethType: 0x0800, ctNwProto: 6 })).not.toBe(key({ ethType: 0x0800 }));
});
