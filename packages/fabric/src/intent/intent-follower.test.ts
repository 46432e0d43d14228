import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Ipv4 } from "@loomstack/core";
import { deletePort, openSqliteStore, setBinding, setTunnelEndpoint, type Store, upsertNode } from "@loomstack/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IntentFollower } from "./intent-follower.ts";
import type { IntentStep } from "./intent-step.ts";
import { uuid } from "./intent-under-test.ts";
import { storeNetwork, storePort } from "./stored-intent-under-test.ts";

let folder: string;
let store: Store;
let follower: IntentFollower;
let steps: IntentStep[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "loomstack-follower-"));
  store = await openSqliteStore(path.join(folder, "store.sqlite"));
  await store.transact(async (tx) => {
    for (const id of ["a", "b", "c"])
      await upsertNode(tx, {
        type: "OVS",
        id,
        address: "192.0.2.1" as Ipv4,
        port: 6640,
        systemId: id,
        certificate: null,
      });
    await storeNetwork(tx, uuid(1));
    await storeNetwork(tx, uuid(2));
    await storePort(tx, uuid(11), uuid(1), "02:00:00:00:00:01");
    await storePort(tx, uuid(12), uuid(1), "02:00:00:00:00:02");
    await storePort(tx, uuid(21), uuid(2), "02:00:00:00:00:01");
    await setBinding(tx, uuid(11), { nodeKey: "a" });
    await setBinding(tx, uuid(12), { nodeKey: "b" });
    await setBinding(tx, uuid(21), { nodeKey: "c" });
  });
  follower = await IntentFollower.start(store);
  steps = [];
  follower.steps.add((step) => steps.push(step));
});

afterEach(async () => {
  follower[Symbol.dispose]();
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("a new port concerns the hypervisors of its network and no others", async () => {
  await store.transact((tx) => storePort(tx, uuid(13), uuid(1), "02:00:00:00:00:03"));
  expect(steps).toHaveLength(1);
  expect(steps[0]?.networks).toEqual(new Set([uuid(1)]));
  expect(new Set(steps[0]?.hypervisors.keys())).toEqual(new Set(["a", "b"]));
});

test("a port that goes concerns the hypervisor that it was on", async () => {
  await store.transact((tx) => deletePort(tx, uuid(12)));
  expect(new Set(steps[0]?.hypervisors.keys())).toEqual(new Set(["a", "b"]));
  expect(follower.intent.bindings.has(uuid(12))).toBe(false);
});

test("a port that moves concerns where it was, where it is, and the rest of its network", async () => {
  await store.transact((tx) => setBinding(tx, uuid(12), { nodeKey: "c" }));
  expect(new Set(steps[0]?.hypervisors.keys())).toEqual(new Set(["a", "b", "c"]));
});

test("a tunnel endpoint that changes concerns the networks of that hypervisor", async () => {
  await store.transact((tx) => setTunnelEndpoint(tx, "b", "192.0.2.9" as Ipv4));
  expect(steps[0]?.networks).toEqual(new Set([uuid(1)]));
});

test("a network's revision is that of the last step that concerned it", async () => {
  const atStart = follower.revisionOf(uuid(2));
  const { revision } = await store.transact((tx) => storePort(tx, uuid(13), uuid(1), "02:00:00:00:00:03"));
  expect(follower.revisionOf(uuid(1))).toBe(revision);
  expect(follower.revisionOf(uuid(2))).toBe(atStart);
});
