import { parseMac } from "@loomstack/core";
import { expect, test } from "vitest";
import { encodeMessage } from "../messages.ts";
import type { FlowStats } from "./flow-stats.ts";
import { unreadPart } from "./unread-flow.ts";

const flow: FlowStats = {
  ...{ tableId: 3, priority: 100, cookie: 0x4c53_0000_0000_0001n },
  ...{
    durationSec: 0,
    durationNsec: 0,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    flags: {},
    packetCount: 0n,
    byteCount: 0n,
  },
  match: { reg0: 7, ethDst: parseMac("02:00:00:00:00:01") },
  instructions: [{ kind: "gotoTable", tableId: 10 }],
};
const reply = (entries: readonly FlowStats[], more = false): Uint8Array =>
  encodeMessage({ kind: "multipartReply", more, body: { kind: "flow", entries } }, 1).slice();
const flowsOf = (message: Uint8Array) => [...(unreadPart(message)?.flows ?? [])];
const hashOf = (change: Partial<FlowStats>): string =>
  JSON.stringify(flowsOf(reply([{ ...flow, ...change }]))[0]?.hash());

test("flows are read as the message that they are in is", () => {
  const other: FlowStats = { ...flow, match: {}, instructions: [], packetCount: 9n };
  expect(flowsOf(reply([flow, other, flow])).map((one) => one.read())).toEqual([flow, other, flow]);
  expect([unreadPart(reply([], true))?.more, unreadPart(reply([flow]))?.more]).toEqual([true, false]);
});

test("flows have another hash where anything but age, counters, timeouts and flags is another", () => {
  const same = [
    ...[{ durationSec: 5 }, { durationNsec: 7 }, { packetCount: 1n << 40n }, { byteCount: 3n }],
    ...[{ idleTimeoutSec: 1 }, { hardTimeoutSec: 1 }, { flags: { sendFlowRemoved: true } }],
  ].map(hashOf);
  expect(new Set(same)).toEqual(new Set([hashOf({})]));
  const others = [
    ...[{}, { tableId: 4 }, { priority: 101 }, { cookie: flow.cookie + 1n }, { cookie: flow.cookie + (1n << 32n) }],
    ...[{ match: { ...flow.match, reg0: 8 } }, { instructions: [] }],
    { instructions: [{ kind: "gotoTable", tableId: 11 }] as const },
  ].map(hashOf);
  expect(new Set(others).size).toBe(others.length);
});

test("a reply of another kind has no flows to read", () => {
  expect(unreadPart(encodeMessage({ kind: "barrierReply" }, 1))).toBeUndefined();
  expect(
    unreadPart(encodeMessage({ kind: "multipartReply", body: { kind: "table", entries: [] } }, 1)),
  ).toBeUndefined();
});

test("a reply that ends within a flow is malformed, wherever it ends", () => {
  const whole = reply([flow, flow]);
  const size = (whole.byteLength - 16) / 2;
  for (let end = 16; end < whole.byteLength; end += 1) {
    const read = (): unknown => flowsOf(whole.subarray(0, end));
    if (end === 16 || end === 16 + size) expect(read()).toHaveLength((end - 16) / size);
    else expect(read).toThrow("a flow of");
  }
});
