import { expect, test } from "vitest";
import { encodeMessage, type Envelope, type ReceivedMessage } from "../of13/messages.ts";
import type { FlowStats } from "../of13/multipart/flow-stats.ts";
import { barrier, tableStats, unreadFlowStats } from "../of13/requests.ts";
import { LoomstackError } from "@loomstack/core";
import { Requests } from "./requests.ts";

const limits = { replyTimeoutMs: 1000, mostEntries: 3 };
const envelope = (message: ReceivedMessage, xid: number): Envelope => ({
  version: 4,
  type: 0,
  length: 8,
  xid,
  message,
});
const flowOf = (priority: number): FlowStats => ({
  ...{ tableId: 0, priority, cookie: 0n, match: {}, instructions: [], durationSec: 0, durationNsec: 0 },
  ...{ idleTimeoutSec: 0, hardTimeoutSec: 0, flags: {}, packetCount: 0n, byteCount: 0n },
});
const tables = (more: boolean, ...ids: readonly number[]): ReceivedMessage => ({
  kind: "multipartReply",
  more,
  body: {
    kind: "table",
    entries: ids.map((tableId) => ({ tableId, activeCount: 0, lookupCount: 0n, matchedCount: 0n })),
  },
});

test("a reply goes to the request with its transaction id", async () => {
  const requests = new Requests("s1", limits);
  const [first, second] = [requests.open(barrier(), 1, 0), requests.open(tableStats(), 2, 0)];
  expect(requests.receive(envelope(tables(false, 7), 2), 0)).toBe(true);
  expect((await second).map(({ tableId }) => tableId)).toEqual([7]);
  expect(requests.receive(envelope({ kind: "barrierReply" }, 3), 0)).toBe(false);
  expect(requests.receive(envelope({ kind: "barrierReply" }, 1), 0)).toBe(true);
  await expect(first).resolves.toBeUndefined();
  expect(requests.size).toBe(0);
});

test("a reply in parts is one list, and each part gives the switch more time", async () => {
  const requests = new Requests("s1", limits);
  const reply = requests.open(tableStats(), 1, 0);
  requests.receive(envelope(tables(true, 1, 2), 1), 900);
  requests.expire(1500);
  requests.receive(envelope(tables(false, 3), 1), 1800);
  expect((await reply).map(({ tableId }) => tableId)).toEqual([1, 2, 3]);
});

test("an error with the transaction id of a request rejects it with the switch's words", async () => {
  const requests = new Requests("s1", limits);
  const reply = requests.open(barrier(), 1, 0);
  requests.receive(envelope({ kind: "error", type: 5, code: 2, data: new Uint8Array() }, 1), 0);
  await expect(reply).rejects.toThrow("s1 refused a barrier: OFPFMFC_BAD_TABLE_ID (5,2)");
});

test("a switch that doesn't know a request says so", async () => {
  const requests = new Requests("s1", limits);
  const reply = requests.open(tableStats(), 1, 0);
  requests.receive(envelope({ kind: "error", type: 1, code: 2, data: new Uint8Array() }, 1), 0);
  await expect(reply).rejects.toMatchObject({ code: "OPENFLOW__UNSUPPORTED_REQUEST" });
});

test("a request without a reply is given up when its time is up", async () => {
  const requests = new Requests("s1", limits);
  const reply = requests.open(barrier(), 1, 0);
  requests.expire(999);
  expect(requests.size).toBe(1);
  requests.expire(1000);
  await expect(reply).rejects.toThrow("s1 didn't answer a barrier within 1000 ms");
});

test("a reply without end is given up at the limit", async () => {
  const requests = new Requests("s1", limits);
  const reply = requests.open(tableStats(), 1, 0);
  requests.receive(envelope(tables(true, 1, 2), 1), 0);
  requests.receive(envelope(tables(true, 3, 4), 1), 0);
  await expect(reply).rejects.toThrow("s1 answered its tables with more than 3 entries");
});

test("a message of another kind with the transaction id of a request isn't its reply", () => {
  const requests = new Requests("s1", limits);
  void requests.open(barrier(), 1, 0);
  expect(requests.receive(envelope(tables(false), 1), 0)).toBe(false);
  expect(requests.size).toBe(1);
});

test("all requests are rejected when the connection is over", async () => {
  const requests = new Requests("s1", limits);
  const replies = [requests.open(barrier(), 1, 0), requests.open(tableStats(), 2, 0)];
  requests.fail(new LoomstackError("OPENFLOW__CONNECTION_CLOSED", { peer: "s1", reason: "gone" }));
  for (const reply of replies) await expect(reply).rejects.toThrow("the connection to s1 is closed: gone");
});

test("flows are read while they come, by whoever asked for them, and bounded as all replies are", async () => {
  const requests = new Requests("s1", limits);
  const dump = requests.open(
    unreadFlowStats({}, (flow) => flow.read().priority),
    1,
    0,
  );
  const part = (more: boolean, ...priorities: readonly number[]): Uint8Array =>
    encodeMessage(
      { kind: "multipartReply", more, body: { kind: "flow", entries: priorities.map((one) => flowOf(one)) } },
      1,
    );
  expect(requests.receiveBytes(part(true, 1, 2), 0)).toBe(true);
  expect(requests.receiveBytes(encodeMessage({ kind: "barrierReply" }, 1), 0)).toBe(false);
  expect(requests.receiveBytes(part(false, 3), 0)).toBe(true);
  expect(await dump).toEqual([1, 2, 3]);
  expect(requests.receiveBytes(part(false, 3), 0)).toBe(false);
  const endless = requests.open(
    unreadFlowStats({}, () => 0),
    1,
    0,
  );
  requests.receiveBytes(part(true, 1, 2), 0);
  requests.receiveBytes(part(true, 3, 4), 0);
  await expect(endless).rejects.toThrow("s1 answered its flows with more than 3 entries");
});
