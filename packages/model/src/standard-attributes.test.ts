import type { Clock } from "@loomstack/core";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getNetwork, updateNetwork } from "./network.ts";
import { getPort, updatePort } from "./port.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import type { StandardAttributes } from "./standard-attributes.ts";
import type { Store, Tx } from "./store.ts";
import { addNetwork, addPort, addSubnet, newSubnet, uuid } from "./store-under-test.ts";
import { createSubnet, updateSubnet } from "./subnet-changes.ts";
import { getSubnet } from "./subnet.ts";

type Described = readonly [string, () => Promise<StandardAttributes>, (tx: Tx) => Promise<StandardAttributes>];

let folder: string;
let store: Store;
let now = 0;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "loomstack-standard-"));
  const clock: Clock = { now: () => now, after: () => ({ [Symbol.dispose]: () => undefined }) };
  store = await openSqliteStore(path.join(folder, "store.db"), clock);
  now = 1_000;
  await addNetwork(store, 1, { description: "made" });
  await addSubnet(store, 2, 1, { description: "made" });
  await addPort(store, 3, 1, { description: "made" });
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

describe.each<Described>([
  [
    "network",
    () => getNetwork(store.db, uuid(1)),
    (tx: Tx) => updateNetwork(tx, uuid(1), { description: "changed", tags: ["blue"] }),
  ],
  [
    "subnet",
    () => getSubnet(store.db, uuid(2)),
    (tx: Tx) => updateSubnet(tx, uuid(2), { description: "changed", tags: ["blue"] }),
  ],
  [
    "port",
    () => getPort(store.db, uuid(3)),
    (tx: Tx) => updatePort(tx, uuid(3), { description: "changed", tags: ["blue"] }),
  ],
])("a %s", (_, get, change) => {
  test("is described and dated from when it was made", async () => {
    expect(await get()).toMatchObject({ description: "made", tags: [], createdAt: 1_000, updatedAt: 1_000 });
  });

  test("is dated again when it is changed", async () => {
    now = 2_000;
    const { revision } = await store.transact(change);
    expect(await get()).toMatchObject({
      description: "changed",
      tags: ["blue"],
      createdAt: 1_000,
      updatedAt: 2_000,
      revision,
    });
  });
});

test("a port is dated again when a subnet gives it an address", async () => {
  now = 3_000;
  const range = { cidr: "2001:db8::/64", gatewayIp: null, ipv6AddressMode: "slaac" } as const;
  await store.transact((tx) => createSubnet(tx, newSubnet(4, 1, range)));
  expect(await getPort(store.db, uuid(3))).toMatchObject({ createdAt: 1_000, updatedAt: 3_000 });
});
