import type { Ip } from "@loomstack/core";
import { expect, test } from "vitest";
import { setBinding } from "./binding.ts";
import { applyCommit, loadIntent } from "./intent.ts";
import { learnAddress, type SeenAddress } from "./learn-address.ts";
import { forgetAddress, listExpiredAddresses, listLearntAddresses, mostLearntAddresses } from "./learnt-address.ts";
import { updateNetwork } from "./network.ts";
import { createPort, deletePort, getPort, updatePort } from "./port.ts";
import type { Store } from "./store.ts";
import { addNetwork, addPort, addSubnet, newPort, temporaryStore, uuid } from "./store-under-test.ts";

const ip = (text: string): Ip => text as Ip;

/** A network with a subnet, and ports 3 and 4 that nobody told us addresses of; both are on a hypervisor. */
async function learners(): Promise<Awaited<ReturnType<typeof temporaryStore>>> {
  const store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  for (const number of [3, 4]) {
    await addPort(store, number, 1, { fixedIps: [] });
    await store.transact((tx) => setBinding(tx, uuid(number), { nodeKey: "OVS/a" }));
  }
  return store;
}

/** Learns an address of a port, from ARP unless told otherwise. */
const learn = async (store: Store, number: number, address: string, seen: Partial<SeenAddress> = {}) => {
  const what = { address: ip(address), source: "arp", expiresAtMs: null, ...seen } as const;
  return (await store.observe(async (tx) => learnAddress(tx, await getPort(tx.db, uuid(number)), what))).result;
};
const lease = async (store: Store, number: number, address: string, expiresAtMs: number | null = null) =>
  learn(store, number, address, { source: "dhcp", expiresAtMs });

const learnt = async (store: Store): Promise<unknown> =>
  (await listLearntAddresses(store.db)).map(({ portId, addresses }) => [
    portId,
    ...addresses.map(({ address }) => address),
  ]);
const sources = async (store: Store): Promise<unknown> =>
  (await listLearntAddresses(store.db)).flatMap(({ addresses }) =>
    addresses.map(({ address, source }) => `${address} ${source}`),
  );
const known = { kind: "passed-over" };

test("addresses are kept in the order in which a port showed them, each once, and followed by intent", async () => {
  await using store = await learners();
  const intent = await loadIntent(store);
  using _ = store.commits.add((commit) => applyCommit(intent, commit));
  for (const address of ["10.1.0.9", "10.1.0.7"]) expect(await learn(store, 3, address)).toEqual({ kind: "learnt" });
  expect(await learn(store, 3, "10.1.0.9")).toEqual(known);
  expect(await learnt(store)).toEqual([[uuid(3), "10.1.0.9", "10.1.0.7"]]);
  expect(intent.learntAddresses).toEqual((await loadIntent(store)).learntAddresses);
  await store.transact((tx) => deletePort(tx, uuid(3)));
  expect(await learnt(store)).toEqual([]);
  expect(intent.learntAddresses.size).toBe(0);
});

test("who has an address by intent, or has shown it first, keeps it", async () => {
  await using store = await learners();
  await addPort(store, 5, 1, { fixedIps: [{ ipAddress: ip("10.1.0.20") }] });
  for (const word of [learn, lease]) expect(await word(store, 3, "10.1.0.20")).toEqual({ kind: "held", by: uuid(5) });
  await learn(store, 3, "10.1.0.9");
  expect(await learn(store, 4, "10.1.0.9")).toEqual({ kind: "held", by: uuid(3) });
  expect(await learnt(store)).toEqual([[uuid(3), "10.1.0.9"]]);
});

test("intent takes an address from the port that it was learnt of, and leaves it the others", async () => {
  await using store = await learners();
  for (const address of ["10.1.0.9", "10.1.0.7"]) await learn(store, 3, address);
  await store.transact((tx) => createPort(tx, newPort(5, 1, { fixedIps: [{ ipAddress: ip("10.1.0.9") }] })));
  expect(await learnt(store)).toEqual([[uuid(3), "10.1.0.7"]]);
  await learn(store, 3, "10.1.0.8");
  expect(await learnt(store)).toEqual([[uuid(3), "10.1.0.7", "10.1.0.8"]]);
});

test("no more than a few are learnt of a port, and a lease takes the place of the oldest", async () => {
  await using store = await learners();
  for (let last = 0; last <= mostLearntAddresses; last++) await learn(store, 3, `10.1.0.${100 + last}`);
  const [only] = await listLearntAddresses(store.db);
  expect(only?.addresses).toHaveLength(mostLearntAddresses);
  expect(await lease(store, 3, "10.1.0.9")).toEqual({ kind: "learnt" });
  const [full] = await listLearntAddresses(store.db);
  expect(full?.addresses.map(({ address }) => address)).toEqual([
    ...(only?.addresses ?? []).slice(1).map(({ address }) => address),
    "10.1.0.9",
  ]);
});

test("a server gives an address to another port than the one that has shown it, and one lease to a port", async () => {
  await using store = await learners();
  const intent = await loadIntent(store);
  using _ = store.commits.add((commit) => applyCommit(intent, commit));
  for (const address of ["10.1.0.9", "10.1.0.7"]) await learn(store, 3, address);
  expect(await lease(store, 4, "10.1.0.9")).toEqual({ kind: "learnt", takenFrom: uuid(3) });
  expect(await sources(store)).toEqual(["10.1.0.7 arp", "10.1.0.9 dhcp"]);
  expect(intent.learntAddresses).toEqual((await loadIntent(store)).learntAddresses);
  await lease(store, 4, "10.1.0.8");
  expect(await sources(store)).toEqual(["10.1.0.7 arp", "10.1.0.8 dhcp"]);
  expect(await lease(store, 3, "10.1.0.7")).toEqual({ kind: "learnt" });
  expect(await learn(store, 3, "10.1.0.7")).toEqual(known);
  expect(await sources(store)).toEqual(["10.1.0.7 dhcp", "10.1.0.8 dhcp"]);
  expect(intent.learntAddresses).toEqual((await loadIntent(store)).learntAddresses);
});

test("a lease that is renewed ends later, without a revision, and one that ends or is given back is forgotten", async () => {
  await using store = await learners();
  await lease(store, 3, "10.1.0.9", 1_000);
  await lease(store, 4, "10.1.0.8", 2_000);
  const before = store.revision();
  expect(await lease(store, 3, "10.1.0.9", 3_000)).toEqual(known);
  expect(store.revision()).toBe(before);
  expect(await listExpiredAddresses(store.db, 1_999)).toEqual([]);
  expect(await listExpiredAddresses(store.db, 2_000)).toEqual([{ portId: uuid(4), address: "10.1.0.8" }]);
  const forget = async (number: number, address: string): Promise<boolean> =>
    (await store.observe((tx) => forgetAddress(tx, uuid(number), ip(address)))).result;
  expect(await forget(3, "10.1.0.8")).toBe(false);
  expect(await forget(4, "10.1.0.8")).toBe(true);
  expect(await learnt(store)).toEqual([[uuid(3), "10.1.0.9"]]);
});

test.each([
  ["leaves its hypervisor", (store: Store) => store.transact((tx) => setBinding(tx, uuid(3), undefined))],
  [
    "is told its addresses",
    (store: Store) => store.transact((tx) => updatePort(tx, uuid(3), { fixedIps: [{ subnetId: uuid(2) }] })),
  ],
  [
    "may send from any",
    (store: Store) => store.transact((tx) => updatePort(tx, uuid(3), { portSecurityEnabled: false })),
  ],
])("what was learnt of a port is forgotten when it %s", async (_, happen) => {
  await using store = await learners();
  await learn(store, 3, "10.1.0.9");
  await learn(store, 4, "10.1.0.8");
  await happen(store);
  expect(await learnt(store)).toEqual([[uuid(4), "10.1.0.8"]]);
});

test("a network that is told to learn no more forgets what it has learnt, and learns anew when it is told to", async () => {
  await using store = await learners();
  const intent = await loadIntent(store);
  using _ = store.commits.add((commit) => applyCommit(intent, commit));
  const tell = (learnsAddresses: boolean) => store.transact((tx) => updateNetwork(tx, uuid(1), { learnsAddresses }));
  for (const number of [3, 4]) await learn(store, number, `10.1.0.${number}`);
  await tell(false);
  expect(intent.learntAddresses.size).toBe(0);
  expect(await learn(store, 3, "10.1.0.3")).toEqual(known);
  expect(await learnt(store)).toEqual([]);
  await tell(true);
  await learn(store, 3, "10.1.0.3");
  expect(await learnt(store)).toEqual([[uuid(3), "10.1.0.3"]]);
});

test("what was learnt of a port stays when it moves", async () => {
  await using store = await learners();
  await learn(store, 3, "10.1.0.9");
  await store.transact((tx) => setBinding(tx, uuid(3), { nodeKey: "OVS/a", arrivingAt: "OVS/b" }));
  await store.transact((tx) => setBinding(tx, uuid(3), { nodeKey: "OVS/b" }));
  expect(await learnt(store)).toEqual([[uuid(3), "10.1.0.9"]]);
});
