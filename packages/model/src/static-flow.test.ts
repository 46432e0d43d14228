import { expect, test } from "vitest";
import { applyCommit, loadIntent } from "./intent.ts";
import { listSwitches, registerSwitch, unregisterSwitch } from "./registered-switch.ts";
import {
  createStaticFlow,
  deleteStaticFlow,
  listStaticFlows,
  type NewStaticFlow,
  replaceStaticFlow,
  type StaticFlow,
} from "./static-flow.ts";
import type { Store } from "./store.ts";
import { dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";

const dpid = "00000000000000a1";

function newFlow(number: number, given: Partial<NewStaticFlow> = {}): NewStaticFlow {
  const parts = { tableId: 0, priority: 1, match: `in_port=${number}`, actions: "drop", key: `0 1 inPort=${number}` };
  return { id: uuid(number), dpid, ...parts, ...given };
}

async function addFlow(store: Store, ...given: Parameters<typeof newFlow>): Promise<StaticFlow> {
  const { result } = await store.transact(async (tx) => {
    await registerSwitch(tx, dpid);
    return createStaticFlow(tx, newFlow(...given));
  });
  return result;
}

test("a switch is added once, keeps its name when none is said, and is forgotten", async () => {
  await using store = await temporaryStore();
  const add = async (name?: string): Promise<number> =>
    (await store.transact((tx) => registerSwitch(tx, dpid, { name }))).revision;
  expect([await add("rack 1"), await add(), await add("rack 1"), await add("rack 2")]).toEqual([1, 1, 1, 2]);
  expect(await listSwitches(store.db)).toEqual([{ dpid, name: "rack 2", certificate: null, revision: 2 }]);
  await store.transact((tx) => unregisterSwitch(tx, dpid));
  expect(await listSwitches(store.db)).toEqual([]);
  expect(await refusal(store.transact((tx) => unregisterSwitch(tx, dpid)))).toMatchObject({ code: "MODEL__NOT_FOUND" });
});

test("a static flow is kept, with its switch in one revision, and deleted by its id", async () => {
  await using store = await temporaryStore();
  const flow = await addFlow(store, 1);
  expect(flow).toEqual({ ...newFlow(1), revision: 1 });
  expect(await listStaticFlows(store.db)).toEqual([flow]);
  await store.transact((tx) => deleteStaticFlow(tx, dpid, flow.id));
  expect(await listStaticFlows(store.db)).toEqual([]);
});

test("a static flow is replaced under its id, in a revision of its own, and nothing changes when it says the same", async () => {
  await using store = await temporaryStore();
  await addFlow(store, 1);
  const replace = (wanted: NewStaticFlow): Promise<{ readonly revision: number; readonly result: StaticFlow }> =>
    store.transact((tx) => replaceStaticFlow(tx, wanted));
  const { result, revision } = await replace({ ...newFlow(2), id: uuid(1) });
  expect([result, revision]).toEqual([{ ...newFlow(2), id: uuid(1), revision: 2 }, 2]);
  expect((await replace({ ...newFlow(2), id: uuid(1) })).revision).toBe(2);
  expect((await replace({ ...newFlow(2), id: uuid(1), actions: "output:3" })).revision).toBe(3);
  expect(await listStaticFlows(store.db)).toEqual([{ ...newFlow(2), id: uuid(1), actions: "output:3", revision: 3 }]);
});

test.each([
  ["by one that there is already", { ...newFlow(2), id: uuid(1) }, "MODEL__FLOW_EXISTS"],
  ["that there isn't", newFlow(3), "MODEL__NOT_FOUND"],
  ["of another switch", newFlow(1, { dpid: "00000000000000a2" }), "MODEL__NOT_FOUND"],
])("a static flow can't be replaced %s, and nothing is changed", async (_, wanted, code) => {
  await using store = await temporaryStore();
  await addFlow(store, 1);
  await addFlow(store, 2);
  const before = await dump(store);
  expect((await refusal(store.transact((tx) => replaceStaticFlow(tx, wanted)))).code).toBe(code);
  expect(await dump(store)).toEqual(before);
});

test.each([
  ["a second flow with the same key", newFlow(2, { key: newFlow(1).key }), "MODEL__FLOW_EXISTS"],
  ["a second flow with the same id", newFlow(1, { key: "another" }), "MODEL__ALREADY_EXISTS"],
  ["a flow of a switch that nobody has added", newFlow(3, { dpid: "00000000000000a2" }), "MODEL__NOT_FOUND"],
])("%s is refused, and nothing is changed", async (_, wanted, code) => {
  await using store = await temporaryStore();
  await addFlow(store, 1);
  const before = await dump(store);
  expect((await refusal(store.transact((tx) => createStaticFlow(tx, wanted)))).code).toBe(code);
  expect(await dump(store)).toEqual(before);
});

test("two switches may have the same flow; each deletes only its own", async () => {
  await using store = await temporaryStore();
  const other = "00000000000000a2";
  await addFlow(store, 1);
  await store.transact(async (tx) => {
    await registerSwitch(tx, other);
    await createStaticFlow(tx, newFlow(2, { dpid: other, key: newFlow(1).key }));
  });
  const stranger = store.transact((tx) => deleteStaticFlow(tx, dpid, uuid(2)));
  expect(await refusal(stranger)).toMatchObject({ code: "MODEL__NOT_FOUND" });
  expect(await listStaticFlows(store.db)).toHaveLength(2);
});

test("a switch with static flows isn't forgotten", async () => {
  await using store = await temporaryStore();
  await addFlow(store, 1);
  expect(await refusal(store.transact((tx) => unregisterSwitch(tx, dpid)))).toMatchObject({ code: "MODEL__IN_USE" });
  expect(await listSwitches(store.db)).toHaveLength(1);
});

test("intent that follows the commits has the switches and flows that intent as loaded has", async () => {
  await using store = await temporaryStore();
  const intent = await loadIntent(store);
  using _ = store.commits.add((commit) => applyCommit(intent, commit));
  await addFlow(store, 1);
  await addFlow(store, 2);
  expect(intent).toEqual(await loadIntent(store));
  expect(intent.staticFlowsBySwitch.get(dpid)?.size).toBe(2);
  await store.transact((tx) => deleteStaticFlow(tx, dpid, uuid(1)));
  await store.transact((tx) => deleteStaticFlow(tx, dpid, uuid(2)));
  await store.transact((tx) => unregisterSwitch(tx, dpid));
  expect(intent).toEqual(await loadIntent(store));
  expect([intent.switches.size, intent.staticFlowsBySwitch.size]).toEqual([0, 0]);
});
