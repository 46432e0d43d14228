import { parseIpv4 } from "@loomstack/core";
import { expect, test } from "vitest";
import { deleteNode, findNode, listNodes, upsertNode } from "./node.ts";
import type { Commit } from "./store.ts";
import { refusal, temporaryStore } from "./store-under-test.ts";

const node = { type: "OVS", id: "host-1", address: parseIpv4("10.9.0.1"), port: 6640, systemId: null };

test("a node is made, changed and, said again as it is, left alone", async () => {
  await using store = await temporaryStore();
  const told: Commit[] = [];
  using _ = store.commits.add((commit) => told.push(commit));
  const made = await store.transact((tx) => upsertNode(tx, node));
  const again = await store.transact((tx) => upsertNode(tx, node));
  const changed = await store.transact((tx) => upsertNode(tx, { ...node, systemId: "b2a4" }));
  expect([made.result, again.result]).toEqual([
    { ...node, revision: 1 },
    { ...node, revision: 1 },
  ]);
  expect([made.revision, again.revision, changed.revision]).toEqual([1, 1, 2]);
  expect(await listNodes(store.db)).toEqual([{ ...node, systemId: "b2a4", revision: 2 }]);
  expect(told.flatMap(({ changes }) => changes.map(({ id, before, after }) => [id, before, after]))).toEqual([
    ["OVS/host-1", undefined, made.result],
    ["OVS/host-1", made.result, changed.result],
  ]);
});

test("a node is deleted once", async () => {
  await using store = await temporaryStore();
  await store.transact((tx) => upsertNode(tx, node));
  await store.transact((tx) => deleteNode(tx, "OVS", "host-1"));
  expect(await findNode(store.db, "OVS", "host-1")).toBeUndefined();
  const refused = await refusal(store.transact((tx) => deleteNode(tx, "OVS", "host-1")));
  expect(refused).toMatchObject({ code: "MODEL__NOT_FOUND", context: { resource: "node", id: "OVS/host-1" } });
});
