import { type Dpid, Listeners, silentLogger } from "@loomstack/core";
import { type Flow, flowKey, type FlowMod, type FlowUpdate, type SwitchConnection } from "@loomstack/openflow";
import { beforeEach, expect, test } from "vitest";
import { cookieOf } from "../pipeline/cookies.ts";
import { DesiredFlows } from "../compile/desired-flows.ts";
import { PlannedFlow } from "../pipeline/planned-flow.ts";
import { forward } from "../pipeline/tables.ts";
import { type FlowOutcome, FlowTarget } from "./flow-target.ts";
import { unreadFlow } from "./unread-flow-under-test.ts";

const flow = (reg0: number, owner = "a"): Flow => ({
  tableId: 0,
  priority: 1,
  cookie: cookieOf(owner),
  match: { reg0 },
  instructions: [],
});
/** Makes `flows` all that `target` should hold. */
async function apply(target: FlowTarget, ...flows: readonly Flow[]): Promise<FlowOutcome> {
  const before = planned;
  planned = flows.map((one) => new PlannedFlow("br-int", one, { feature: "f", owner: "o", why: "w" }));
  desired.replace(before, planned);
  return target.apply(desired.of("br-int"));
}
/** Looks at `target` again, where nothing else should be there than before. */
const applyAgain = async (target: FlowTarget): Promise<FlowOutcome> => target.apply(desired.of("br-int"));
const update = (kind: "added" | "modified" | "deleted", one: Flow): FlowUpdate => {
  const body = { ...one, reason: "delete", priority: 1, idleTimeoutSec: 0, hardTimeoutSec: 0 } as const;
  return { kind, ...body } as FlowUpdate;
};
const foreign = (one: Flow): Flow => ({ ...one, cookie: 7n });

let planned: PlannedFlow[];
let desired: DesiredFlows;
let held: Flow[];
type Way = "alone" | "bundle";

/** What was sent, and how. */
let bundles: string[][];
let ways: Way[];
let flowUpdates: Listeners<readonly FlowUpdate[]>;
let duringDump: () => void;
let answer: (mods: readonly FlowMod[]) => Promise<void>;
let changes: number;

beforeEach(() => {
  planned = [];
  desired = new DesiredFlows(() => planned);
  held = [];
  bundles = [];
  ways = [];
  flowUpdates = new Listeners();
  duringDump = () => undefined;
  answer = () => Promise.resolve();
  changes = 0;
});

async function take(way: Way, mods: readonly FlowMod[]): Promise<void> {
  ways.push(way);
  bundles.push(
    mods.map(
      (mod) =>
        `${mod.command} ${flowKey({ tableId: mod.tableId, priority: mod.priority ?? 0, match: mod.match ?? {} })}`,
    ),
  );
  await answer(mods);
}

async function observe(): Promise<FlowTarget> {
  const connection = {
    dpid: 1n as Dpid,
    flowUpdates,
    monitorFlows: () => Promise.resolve(),
    dumpFlows: () => {
      const dump = [...held];
      duringDump();
      return Promise.resolve(dump);
    },
    dumpFlowsUnread: (_, each) => {
      const dump = held.map((one) => each(unreadFlow(one)));
      duringDump();
      return Promise.resolve(dump);
    },
    apply: (messages) => take("alone", messages as readonly FlowMod[]),
    applyBundle: (mods) => take("bundle", mods),
  } as Partial<SwitchConnection> as SwitchConnection;
  return FlowTarget.observe("br-int", connection, silentLogger, () => (changes += 1));
}

test("what the switch holds already is not sent", async () => {
  held = [flow(1)];
  const target = await observe();
  expect(await apply(target, flow(1))).toEqual({ sent: 0, repaired: [] });
  expect(bundles).toEqual([]);
});

test("several changes are made all at once in a bundle, and a single one goes without, in one round trip", async () => {
  const target = await observe();
  await apply(target, flow(1), flow(2));
  await apply(target, flow(1), flow(2), flow(3));
  await apply(target, flow(1), flow(4));
  expect(ways).toEqual(["bundle", "alone", "bundle"]);
});

test("new flows behind the tables that guard need no bundle, unless they come in the place of others or are many", async () => {
  const there = (reg0: number, priority = 1): Flow => ({ ...flow(reg0), tableId: forward.id, priority });
  const target = await observe();
  const first = [there(1), there(2)];
  await apply(target, ...first);
  expect(ways).toEqual(["alone"]);
  const replaced = first.map((one) => ({ ...one, cookie: cookieOf("b") }));
  await apply(target, ...replaced);
  expect(ways).toEqual(["alone", "bundle"]);
  const many = Array.from({ length: 17 }, (_, index) => there(3 + index));
  await apply(target, ...replaced, ...many);
  await apply(target, ...replaced, ...many, there(1, 2), flow(1));
  expect(ways).toEqual(["alone", "bundle", "bundle", "bundle"]);
});

test("all flows are in hand the first time, and later those that have changed", async () => {
  held = [flow(1), flow(2)];
  const target = await observe();
  expect(target.sizeInHand(desired.of("br-int"))).toBe(2);
  await apply(target, flow(1), flow(2));
  expect(target.sizeInHand(desired.of("br-int"))).toBe(0);
  flowUpdates.tell([update("deleted", flow(2))]);
  expect(target.sizeInHand(desired.of("br-int"))).toBe(1);
});

test("what the monitor tells while the dump is under way counts", async () => {
  const two = flow(2);
  held = [flow(1)];
  duringDump = () => {
    if (held.includes(two)) return;
    held = [two];
    flowUpdates.tell([update("deleted", flow(1)), update("added", two)]);
  };
  const target = await observe();
  await apply(target, flow(1));
  expect(bundles).toEqual([["add 0 1 reg0=1", "delete-strict 0 1 reg0=2"]]);
});

test("a bundle that is refused changes nothing of what was observed: the next one is the same", async () => {
  const target = await observe();
  answer = () => Promise.reject(new Error("refused"));
  await expect(apply(target, flow(1))).rejects.toThrow("refused");
  await expect(apply(target, flow(1))).rejects.toThrow("refused");
  expect(bundles[1]).toEqual(bundles[0]);
  expect(target.size).toBe(0);
});

test("a flow that somebody deletes while the bundle that adds it is under way is looked at again", async () => {
  const target = await observe();
  answer = () => {
    flowUpdates.tell([update("deleted", flow(1))]);
    return Promise.resolve();
  };
  await apply(target, flow(1), flow(2));
  expect(changes).toBe(1);
  answer = () => Promise.resolve();
  expect(await applyAgain(target)).toMatchObject({ sent: 1 });
  expect(await applyAgain(target)).toMatchObject({ sent: 0 });
});

test("a flow that somebody puts back while the bundle that deletes it is under way is deleted again", async () => {
  held = [flow(1)];
  const target = await observe();
  answer = () => {
    flowUpdates.tell([update("added", flow(1))]);
    return Promise.resolve();
  };
  await apply(target);
  answer = () => Promise.resolve();
  expect(await applyAgain(target)).toMatchObject({ sent: 1 });
});

test("flows that others delete, change, replace by their own or add under our cookie are put right and named", async () => {
  const target = await observe();
  await apply(target, flow(1), flow(2), flow(3));
  flowUpdates.tell([update("deleted", flow(1))]);
  flowUpdates.tell([update("modified", { ...flow(2), instructions: [{ kind: "gotoTable", tableId: 9 }] })]);
  flowUpdates.tell([update("added", foreign(flow(3)))]);
  flowUpdates.tell([update("added", flow(4, "b"))]);
  expect(changes).toBe(4);
  const { sent, repaired } = await applyAgain(target);
  expect(sent).toBe(4);
  expect(repaired).toHaveLength(4);
  expect(repaired[3]).toContain("was added");
  expect(bundles[1]).toEqual(["add 0 1 reg0=1", "add 0 1 reg0=2", "add 0 1 reg0=3", "delete-strict 0 1 reg0=4"]);
});

test("what others do with flows of their own is their business", async () => {
  const target = await observe();
  await apply(target, flow(1));
  flowUpdates.tell([update("added", foreign(flow(5))), update("deleted", foreign(flow(5)))]);
  expect(changes).toBe(0);
  expect(await applyAgain(target)).toEqual({ sent: 0, repaired: [] });
});

test("flows that an earlier run left behind are removed, and nobody is blamed for them", async () => {
  held = [flow(1), flow(2)];
  const target = await observe();
  expect(await apply(target, flow(1))).toEqual({ sent: 1, repaired: [] });
});
