import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Ip, silentLogger } from "@loomstack/core";
import {
  applyCommit,
  type Intent,
  listLearntAddresses,
  loadIntent,
  openSqliteStore,
  setBinding,
  type Store,
} from "@loomstack/model";
import { FakeClock } from "@loomstack/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { uuid } from "../intent/intent-under-test.ts";
import { storeNetwork, storePort } from "../intent/stored-intent-under-test.ts";
import { LearntAddressWriter, type SeenOfPort } from "./learnt-address-writer.ts";

const [port, other] = [uuid(11), uuid(12)];
const lease = (id: typeof port, address: string, expiresAtMs: number | null): SeenOfPort => ({
  ...{ kind: "has", port: id, address: address as Ip, source: "dhcp", expiresAtMs },
});
let resources: AsyncDisposableStack;
let store: Store;
let intent: Intent;
let clock: FakeClock;
let writer: LearntAddressWriter;
let events: string[];

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-learnt-"));
  resources.defer(() => rm(folder, { recursive: true }));
  store = resources.use(await openSqliteStore(path.join(folder, "store.sqlite")));
  await store.transact(async (tx) => {
    await storeNetwork(tx, uuid(1));
    for (const [index, id] of [port, other].entries()) {
      await storePort(tx, id, uuid(1), `02:00:00:00:00:0${index + 1}`);
      await setBinding(tx, id, { nodeKey: "OVS/a" });
    }
  });
  intent = await loadIntent(store);
  resources.use(store.commits.add((commit) => applyCommit(intent, commit)));
  clock = new FakeClock();
  events = [];
  const event = (_: string, kind: string, message: string): void => void events.push(`${kind}: ${message}`);
  const given = { intent, store, clock, random: Math.random, logger: silentLogger, event, isLearnt: () => true };
  writer = resources.use(new LearntAddressWriter(given));
});
afterEach(async () => resources.disposeAsync());

const learnt = async (): Promise<readonly string[]> =>
  (await listLearntAddresses(store.db)).flatMap(({ addresses }) => addresses.map(({ address }) => address));
const until = (expected: readonly string[]): Promise<void> =>
  vi.waitFor(async () => expect(await learnt()).toEqual(expected), { timeout: 5_000, interval: 5 });

test("a lease that has ended is forgotten within a minute, and one that was renewed or has no end is not", async () => {
  writer.add(lease(port, "10.0.0.5", clock.now() + 90_000));
  writer.add(lease(other, "10.0.0.6", clock.now() + 90_000));
  await until(["10.0.0.5", "10.0.0.6"]);
  writer.add(lease(other, "10.0.0.6", clock.now() + 900_000));
  clock.turn(60_000);
  writer.add(lease(other, "10.0.0.6", null));
  clock.turn(60_000);
  await until(["10.0.0.6"]);
  expect(events.at(-1)).toBe(`address-forgotten: port ${port} has 10.0.0.5 no more: its lease has ended`);
  clock.turn(6_000_000);
  writer.add({ kind: "lost-lease", port: other });
  await until([]);
  expect(events.at(-1)).toContain("a DHCP server refuses it");
});

test("what was seen last of an address counts", async () => {
  const address = "10.0.0.5" as Ip;
  writer.add(lease(port, address, null));
  writer.add({ kind: "gave-back", port, address });
  writer.add(lease(other, "10.0.0.6", null));
  await until(["10.0.0.6"]);
  expect(events).toHaveLength(1);
});
