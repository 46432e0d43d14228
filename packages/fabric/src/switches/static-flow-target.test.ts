import { LoomstackError, type OfPort, silentLogger } from "@loomstack/core";
import { type Flow, flowKey, type FlowUpdate } from "@loomstack/openflow";
import { expect, test } from "vitest";
import { cookieOf } from "../pipeline/cookies.ts";
import { type ScriptedSwitch, scriptedSwitch } from "./scripted-switch-under-test.ts";
import { StaticFlowTarget } from "./static-flow-target.ts";

const flow = (inPort: number, given: Partial<Flow> = {}): Flow => ({
  tableId: 0,
  priority: 1,
  cookie: cookieOf(`static flow ${inPort}`),
  match: { inPort: inPort as OfPort },
  instructions: [],
  ...given,
});
const update = (kind: "added" | "modified" | "deleted", one: Flow): FlowUpdate =>
  ({ kind, ...one, reason: "delete", idleTimeoutSec: 0, hardTimeoutSec: 0 }) as FlowUpdate;
const hold = (one: ScriptedSwitch, ...flows: readonly Flow[]): void => {
  for (const held of flows) one.held.set(flowKey(held), held);
};
let changes = 0;
const observe = (one: ScriptedSwitch): Promise<StaticFlowTarget> =>
  StaticFlowTarget.observe(one.connection, silentLogger, () => (changes += 1));

test("what is there is not sent, what is missing is, and what is ours and not wanted any more goes", async () => {
  const one = scriptedSwitch();
  hold(one, flow(1), flow(2), flow(9, { cookie: 7n }));
  const target = await observe(one);
  expect(await target.apply([flow(1), flow(3)])).toEqual({ sent: 2, repaired: [], refused: [] });
  expect(one.sent).toEqual(["add 0 1 inPort=3", "delete-strict 0 1 inPort=2"]);
  expect(one.held.has(flowKey(flow(9)))).toBe(true);
});

test("one refusal concerns one flow, isn't tried again until it is forgotten, and is told once", async () => {
  const one = scriptedSwitch();
  one.refuses = ({ match }) => (match?.inPort === 2 ? "OFPFMFC_TABLE_FULL (5,1)" : undefined);
  const target = await observe(one);
  const flows = [flow(1), flow(2), flow(3)];
  const { refused } = await target.apply(flows);
  expect(refused).toHaveLength(1);
  expect(flows.map((each) => target.holds(each))).toEqual([true, false, true]);
  expect(target.obstacle(flow(2))).toContain("OFPFMFC_TABLE_FULL");
  expect(await target.apply(flows)).toEqual({ sent: 0, repaired: [], refused: [] });
  one.refuses = () => undefined;
  target.forgetRefusals();
  expect(await target.apply(flows)).toEqual({ sent: 1, repaired: [], refused: [] });
  expect(target.holds(flow(2))).toBe(true);
});

test("a connection that ends on the way is no refusal; what had got through before counts", async () => {
  const one = scriptedSwitch();
  const target = await observe(one);
  one.refuses = ({ match }) => {
    if (match?.inPort === 2)
      throw new LoomstackError("OPENFLOW__CONNECTION_CLOSED", { peer: "p", reason: "the switch closed it" });
    return undefined;
  };
  await expect(target.apply([flow(1), flow(2)])).rejects.toMatchObject({ code: "OPENFLOW__CONNECTION_CLOSED" });
  expect([target.holds(flow(1)), target.holds(flow(2)), target.hasRefusals]).toEqual([true, false, false]);
});

test("the place of somebody else's flow is left to it until it goes", async () => {
  const one = scriptedSwitch();
  hold(one, flow(1, { cookie: 7n }));
  const target = await observe(one);
  expect(await target.apply([flow(1)])).toMatchObject({ sent: 0 });
  expect(target.obstacle(flow(1))).toContain("cookie 0x7");
  const before = changes;
  one.flowUpdates.tell([update("deleted", flow(1))]);
  expect(changes).toBe(before + 1);
  expect(await target.apply([flow(1)])).toMatchObject({ sent: 1, repaired: [] });
});

test("somebody else's flow that takes the place of ours is drift, and put right", async () => {
  const one = scriptedSwitch();
  const target = await observe(one);
  await target.apply([flow(1)]);
  one.flowUpdates.tell([update("added", flow(1, { cookie: 7n }))]);
  expect(target.holds(flow(1))).toBe(false);
  const { sent, repaired } = await target.apply([flow(1)]);
  expect([sent, repaired.length]).toEqual([1, 1]);
});

test("without a flow monitor, drift is found by looking", async () => {
  const one = scriptedSwitch({ isWatched: false });
  const target = await observe(one);
  expect(target.isWatched).toBe(false);
  await target.apply([flow(1), flow(2)]);
  one.held.delete(flowKey(flow(1)));
  await target.refresh();
  expect(target.holds(flow(1))).toBe(false);
  expect(await target.apply([flow(1), flow(2)])).toMatchObject({ sent: 1, repaired: [expect.any(String)] });
  expect(one.sent).toHaveLength(3);
});

test("a switch that keeps a flow in a form of its own isn't sent it for ever, and its drift is still found", async () => {
  const one = scriptedSwitch({ isWatched: false });
  one.keeps = (kept) => ({ ...kept, tableId: 4 });
  const target = await observe(one);
  const wanted = [flow(1)];
  for (let round = 0; round < 3; round += 1) {
    await target.apply(wanted);
    await target.refresh();
  }
  expect(one.sent).toEqual(["add 0 1 inPort=1"]);
  expect(wanted.map((each) => target.holds(each))).toEqual([true]);
  one.held.clear();
  await target.refresh();
  expect(await target.apply(wanted)).toMatchObject({ sent: 1, repaired: [expect.any(String)] });
  expect(await target.apply([])).toMatchObject({ sent: 1 });
  expect(one.held.size).toBe(0);
});

test("a controller that starts anew on such a switch doesn't take away what it has just put in", async () => {
  const one = scriptedSwitch({ isWatched: false });
  one.keeps = (kept) => ({ ...kept, tableId: 4 });
  hold(one, flow(1, { tableId: 4 }));
  const target = await observe(one);
  const wanted = [flow(1)];
  await target.apply(wanted);
  await target.apply(wanted);
  expect(one.sent).toEqual(["add 0 1 inPort=1"]);
  expect([one.held.size, wanted.map((each) => target.holds(each))]).toEqual([1, [true]]);
});

test("a flow with another match takes the place of the one before, which stays where that is refused", async () => {
  for (const isWatched of [true, false]) {
    const one = scriptedSwitch({ isWatched });
    const target = await observe(one);
    await target.apply([flow(1)]);
    const moved = flow(2, { cookie: flow(1).cookie });
    one.refuses = ({ match }) => (match?.inPort === 2 ? "OFPFMFC_TABLE_FULL (5,1)" : undefined);
    expect(await target.apply([moved])).toMatchObject({ refused: [expect.any(String)] });
    expect(await target.apply([moved])).toEqual({ sent: 0, repaired: [], refused: [] });
    expect(target.obstacle(moved)).toContain("the flow as it was before stays until then");
    expect([...one.held.keys()]).toEqual([flowKey(flow(1))]);
    one.refuses = () => undefined;
    target.forgetRefusals();
    expect(await target.apply([moved])).toEqual({ sent: 2, repaired: [], refused: [] });
    expect([...one.held.keys()]).toEqual([flowKey(moved)]);
  }
});

test("in OpenFlow 1.0 a flow counts in the form that it has there; what can't be said is told, and not sent", async () => {
  const one = scriptedSwitch({ version: "1.0", isWatched: false });
  const tagging = flow(1, {
    instructions: [{ kind: "applyActions", actions: [{ kind: "setVlanVid", vlanVid: 100 }] }],
  });
  const going = flow(2, { instructions: [{ kind: "gotoTable", tableId: 1 }] });
  const target = await observe(one);
  expect(await target.apply([tagging, going])).toMatchObject({ sent: 1 });
  expect([target.holds(tagging), target.holds(going)]).toEqual([true, false]);
  expect(target.obstacle(going)).toContain("OpenFlow 1.0 can't say");
});
