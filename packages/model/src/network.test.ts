import { expect, test } from "vitest";
import { deleteNetwork, findNetwork, getNetwork, listNetworks, updateNetwork } from "./network.ts";
import type { Commit } from "./store.ts";
import { addNetwork, addPort, addSubnet, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";
import { listSubnets } from "./subnet.ts";
import { allocateTunnelKey } from "./tunnel-key.ts";

test("a network is stored and read back as it was given, with a tunnel key and the revision", async () => {
  await using store = await temporaryStore();
  const network = await addNetwork(store, 1, {
    name: "blue",
    shared: true,
    adminStateUp: false,
    networkType: "gre",
    segmentationId: -7,
  });
  expect(network).toMatchObject({
    id: uuid(1),
    name: "blue",
    tenantId: "t",
    shared: true,
    adminStateUp: false,
    networkType: "gre",
    physicalNetwork: null,
    segmentationId: -7,
    tunnelKey: 1,
    mtu: null,
    dnsDomain: null,
    learnsAddresses: true,
    revision: 1,
  });
  expect(await getNetwork(store.db, uuid(1))).toEqual(network);
});

test("the tunnel key is ours, whatever the client's segmentation id, and a key that was given up rests", async () => {
  await using store = await temporaryStore();
  const keys: number[] = [];
  for (const [index, segmentationId] of [100, 100, null, -5].entries())
    keys.push((await addNetwork(store, index, { segmentationId })).tunnelKey);
  expect(keys).toEqual([1, 2, 3, 4]);
  await store.transact((tx) => deleteNetwork(tx, uuid(1)));
  expect((await addNetwork(store, 20)).tunnelKey).toBe(5);
});

test("after the highest tunnel key the lowest free one is next, and when all are used a network is refused", async () => {
  await using store = await temporaryStore();
  for (const index of [1, 2, 3]) await addNetwork(store, index);
  await store.transact((tx) => deleteNetwork(tx, uuid(2)));
  const { result } = await store.transact((tx) => allocateTunnelKey(tx.db, uuid(4), 3));
  expect(result).toBe(2);
  expect(await refusal(store.transact((tx) => allocateTunnelKey(tx.db, uuid(4), 1)))).toMatchObject({
    code: "MODEL__TUNNEL_KEYS_EXHAUSTED",
  });
});

test("an id twice is refused", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const before = await dump(store);
  expect(await refusal(addNetwork(store, 1, { name: "other" }))).toMatchObject({
    code: "MODEL__ALREADY_EXISTS",
    context: { id: uuid(1) },
  });
  expect(await dump(store)).toEqual(before);
});

test("an update changes what it names, and records before and after", async () => {
  await using store = await temporaryStore();
  const before = await addNetwork(store, 1, { segmentationId: 9 });
  const told: Commit[] = [];
  using _ = store.commits.add((commit) => told.push(commit));
  const { result: after } = await store.transact((tx) =>
    updateNetwork(tx, uuid(1), { name: "green", adminStateUp: false }),
  );
  expect(after).toMatchObject({
    ...before,
    name: "green",
    adminStateUp: false,
    revision: 2,
    updatedAt: expect.any(Number) as number,
  });
  expect(await listNetworks(store.db)).toEqual([after]);
  expect(told).toEqual([{ revision: 2, changes: [{ resource: "network", id: uuid(1), before, after }] }]);
});

test("a network that isn't there can't be read, updated or deleted", async () => {
  await using store = await temporaryStore();
  const missing = { code: "MODEL__NOT_FOUND", context: { resource: "network", id: uuid(1) } };
  expect(await refusal(getNetwork(store.db, uuid(1)))).toMatchObject(missing);
  expect(await refusal(store.transact((tx) => updateNetwork(tx, uuid(1), {})))).toMatchObject(missing);
  expect(await refusal(store.transact((tx) => deleteNetwork(tx, uuid(1))))).toMatchObject(missing);
  expect(await findNetwork(store.db, uuid(1))).toBeUndefined();
});

test("a network with ports can't be deleted, and one without goes with its subnets", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  await addPort(store, 3, 1);
  const before = await dump(store);
  const refused = await refusal(store.transact((tx) => deleteNetwork(tx, uuid(1))));
  expect(refused).toMatchObject({ code: "MODEL__IN_USE", context: { user: `port ${uuid(3)}` } });
  expect(await dump(store)).toEqual(before);

  await store.transact((tx) => tx.db.deleteFrom("ports").execute());
  const told: Commit[] = [];
  using _ = store.commits.add((commit) => told.push(commit));
  await store.transact((tx) => deleteNetwork(tx, uuid(1)));
  expect([await listNetworks(store.db), await listSubnets(store.db)]).toEqual([[], []]);
  expect(told[0]?.changes.map(({ resource, before: was, after }) => [resource, was !== undefined, after])).toEqual([
    ["subnet", true, undefined],
    ["network", true, undefined],
  ]);
});
