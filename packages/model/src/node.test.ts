import { parseIpv4 } from "@loomstack/core";
import { expect, test } from "vitest";
import { deleteNode, findNode, listNodes, upsertNode } from "./node.ts";
import type { Commit } from "./store.ts";
import { refusal, temporaryStore } from "./store-under-test.ts";

const name = { type: "OVS", id: "host-1" };
const node = { systemId: "b2a4", ...name, address: parseIpv4("10.9.0.1"), port: 6640, certificate: null };

test("a node is made, changed and, said again as it is, left alone", async () => {
  await using store = await temporaryStore();
  const told: Commit[] = [];
  using _ = store.commits.add((commit) => told.push(commit));
  const made = await store.transact((tx) => upsertNode(tx, node));
  const again = await store.transact((tx) => upsertNode(tx, node));
  const elsewhere = { ...node, address: parseIpv4("10.9.0.2"), certificate: "CN=host-1" };
  const changed = await store.transact((tx) => upsertNode(tx, elsewhere));
  expect([made.result, again.result]).toEqual([
    { ...node, revision: 1 },
    { ...node, revision: 1 },
  ]);
  expect([made.revision, again.revision, changed.revision]).toEqual([1, 1, 2]);
  expect(await listNodes(store.db)).toEqual([{ ...elsewhere, revision: 2 }]);
  expect(told.flatMap(({ changes }) => changes.map(({ id, before, after }) => [id, before, after]))).toEqual([
    ["b2a4", undefined, made.result],
    ["b2a4", made.result, changed.result],
  ]);
});

test("a node may get another name, but not that of another one, and needs no address", async () => {
  await using store = await temporaryStore();
  await store.transact((tx) => upsertNode(tx, node));
  await store.transact((tx) => upsertNode(tx, { ...node, id: "host-2", address: null, port: null }));
  expect(await findNode(store.db, name)).toBeUndefined();
  expect(await findNode(store.db, { type: "OVS", id: "host-2" })).toMatchObject({ systemId: "b2a4", address: null });
  const refused = await refusal(store.transact((tx) => upsertNode(tx, { ...node, systemId: "c3d5", id: "host-2" })));
  expect(refused).toMatchObject({ code: "MODEL__IN_USE", message: expect.stringContaining("b2a4") as string });
});

test("a node is deleted once", async () => {
  await using store = await temporaryStore();
  await store.transact((tx) => upsertNode(tx, node));
  await store.transact((tx) => deleteNode(tx, "b2a4"));
  expect(await findNode(store.db, name)).toBeUndefined();
  const refused = await refusal(store.transact((tx) => deleteNode(tx, "b2a4")));
  expect(refused).toMatchObject({ code: "MODEL__NOT_FOUND", context: { resource: "hypervisor", id: "b2a4" } });
});
