import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Ipv4, type Mac, silentLogger, type Uuid } from "@loomstack/core";
import { createPort, deleteNode, openSqliteStore, type Store, upsertNode } from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IntentFollower } from "../intent/intent-follower.ts";
import { storeNetwork, storePort } from "../intent/stored-intent-under-test.ts";
import { BindingKeeper } from "./binding-keeper.ts";

const network = "00000000-0000-4000-8000-000000000001" as Uuid;
const port = "00000000-0000-4000-8000-000000000002" as Uuid;
const endpoint = "192.0.2.1" as Ipv4;
let folder: string;
let store: Store;
let follower: IntentFollower;
let clock: FakeClock;
let keeper: BindingKeeper;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "loomstack-bindings-"));
  store = await openSqliteStore(path.join(folder, "store.sqlite"));
  await store.transact(async (tx) => {
    for (const id of ["a", "b"])
      await upsertNode(tx, { type: "OVS", id, address: endpoint, port: 6640, systemId: id, certificate: null });
    await storeNetwork(tx, network);
    await storePort(tx, port, network, "02:00:00:00:00:01");
  });
  follower = await IntentFollower.start(store);
  clock = new FakeClock();
  keeper = new BindingKeeper({ store, intent: follower.intent, clock, random: () => 0, logger: silentLogger });
});

afterEach(async () => {
  keeper[Symbol.dispose]();
  follower[Symbol.dispose]();
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const home = (): string | undefined => follower.intent.bindings.get(port)?.nodeKey;

test("where a port is seen is stored together with where the tunnels of that hypervisor end", async () => {
  const revision = store.revision();
  keeper.seen("a", new Set([port]), endpoint);
  expect(keeper.pending).toBe(1);
  await vi.waitFor(() => expect(home()).toBe("a"));
  expect(keeper.pending).toBe(0);
  expect(follower.intent.tunnelEndpoints.get("a")?.address).toBe(endpoint);
  expect(store.revision()).toBe(revision + 1);
});

test("what is seen again as it was costs no transaction", async () => {
  keeper.seen("a", new Set([port]), endpoint);
  await vi.waitFor(() => expect(home()).toBe("a"));
  const observe = vi.spyOn(store, "observe");
  keeper.seen("a", new Set([port]), endpoint);
  keeper.lost("a");
  keeper.seen("a", new Set([port]), endpoint);
  // Whatever was on its way has ended when this has.
  await store.transact(() => Promise.resolve());
  expect(observe).not.toHaveBeenCalled();
});

test("a binding that the store refuses is stored once the store is well again", async () => {
  const observe = vi.spyOn(store, "observe").mockRejectedValueOnce(new Error("disk full"));
  keeper.seen("a", new Set([port]), endpoint);
  await vi.waitFor(() => expect(clock.waiting).toBe(1));
  expect(home()).toBeUndefined();
  observe.mockRestore();
  clock.turn(50);
  await vi.waitFor(() => expect(home()).toBe("a"));
});

test("nothing is bound to a hypervisor that was forgotten while the transaction waited for its turn", async () => {
  const forgetting = store.transact((tx) => deleteNode(tx, "a"));
  keeper.seen("a", new Set([port]), endpoint);
  await forgetting;
  await store.transact(() => Promise.resolve());
  expect(home()).toBeUndefined();
  expect(follower.intent.tunnelEndpoints.has("a")).toBe(false);
});

test("an interface that was there before its port is bound once the port is made", async () => {
  const later = "00000000-0000-4000-8000-000000000003" as Uuid;
  keeper.seen("b", new Set([later]), endpoint);
  await store.transact((tx) =>
    createPort(tx, {
      id: later,
      networkId: network,
      name: "",
      tenantId: "",
      macAddress: "02:00:00:00:00:02" as Mac,
      fixedIps: [],
      deviceId: "",
      deviceOwner: "",
      adminStateUp: true,
    }),
  );
  keeper.made([later]);
  await vi.waitFor(() => expect(follower.intent.bindings.get(later)?.nodeKey).toBe("b"));
});
