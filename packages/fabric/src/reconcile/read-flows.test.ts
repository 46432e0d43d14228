import { type Flow, flowFingerprint, flowKey } from "@loomstack/openflow";
import { beforeEach, expect, test } from "vitest";
import { flowHashes } from "../pipeline/planned-flow.ts";
import { ReadFlows } from "./read-flows.ts";
import { unreadFlow } from "./unread-flow-under-test.ts";

let reads = 0;
beforeEach(() => {
  reads = 0;
});

const flow = (priority: number, cookie = 1n): Flow => ({
  ...{ tableId: 0, priority, cookie, match: {} },
  instructions: [{ kind: "gotoTable", tableId: 10 }],
});
const unread = (of: Flow) => ({ hash: unreadFlow(of).hash, read: () => ((reads += 1), of) });
const expected = (of: Flow) => flowHashes({ key: flowKey(of), fingerprint: flowFingerprint(of) });

test("a flow that is told in the same bytes again is not read again", () => {
  const flows = new ReadFlows();
  for (const one of [flow(1), flow(2), flow(2, 2n), flow(1), flow(2), flow(2, 2n)])
    expect(flows.hashesOf(unread(one))).toMatchObject(expected(one));
  expect(reads).toBe(3);
});

test("flows whose hashes are half the same are told apart", () => {
  const flows = new ReadFlows();
  const told = (of: Flow, high: number) => flows.hashesOf({ ...unread(of), hash: () => ({ high, low: 1 }) });
  expect(told(flow(1), 1)).toMatchObject(expected(flow(1)));
  expect(told(flow(2), 2)).toMatchObject(expected(flow(2)));
  expect(told(flow(1), 1)).toMatchObject(expected(flow(1)));
});

test("what is kept is bounded, and what is asked for again and again is kept", () => {
  const flows = new ReadFlows(2);
  for (let priority = 2; priority <= 9; priority += 1)
    for (const one of [flow(1), flow(priority)]) flows.hashesOf(unread(one));
  expect(reads).toBe(9);
  for (const one of [flow(1), flow(2)]) flows.hashesOf(unread(one));
  expect(reads).toBe(10);
});
