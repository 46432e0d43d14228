import { LoomstackError } from "@loomstack/core";
import { expect, test } from "vitest";
import { SqliteDurability, type SyncedFile } from "./sqlite-durability.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { addNetwork, refusal, temporaryStore } from "./store-under-test.ts";

/** A disk that is done when the test says so. */
function slowDisk() {
  const begun: PromiseWithResolvers<undefined>[] = [];
  let isOpen = true;
  const log: SyncedFile = {
    datasync: async () => {
      const sync = Promise.withResolvers<undefined>();
      begun.push(sync);
      await sync.promise;
    },
    [Symbol.asyncDispose]: async () => Promise.resolve(void (isOpen = false)),
  };
  return { begun, open: () => Promise.resolve(log), isOpen: () => isOpen };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

test("one sync serves all who ask before it begins, and those who ask during it get the next", async () => {
  const disk = slowDisk();
  await using durability = new SqliteDurability("db", disk.open);
  const done: string[] = [];
  const ask = (who: string): void => void durability.synced().then(() => done.push(who));
  ask("a");
  ask("b");
  await settle();
  ask("c");
  ask("d");
  await settle();
  expect([disk.begun.length, done]).toEqual([1, []]);
  disk.begun[0]?.resolve(undefined);
  await settle();
  expect([disk.begun.length, done]).toEqual([2, ["a", "b"]]);
  disk.begun[1]?.resolve(undefined);
  await settle();
  expect(done).toEqual(["a", "b", "c", "d"]);
});

test("it ends when the sync that was asked for is over", async () => {
  const disk = slowDisk();
  const durability = new SqliteDurability("db", disk.open);
  const synced = durability.synced();
  await settle();
  const ended = durability[Symbol.asyncDispose]();
  await settle();
  expect(disk.isOpen()).toBe(true);
  disk.begun[0]?.resolve(undefined);
  await Promise.all([synced, ended]);
  expect(disk.isOpen()).toBe(false);
});

test("a transaction is acknowledged when it is on disk, and followers are told before; an observation doesn't wait", async () => {
  await using folder = await temporaryStore();
  const disk = slowDisk();
  await using store = await openSqliteStore(`${folder.file}.slow`, undefined, disk.open);
  const told: number[] = [];
  using _ = store.commits.add(({ revision }) => void told.push(revision));
  let isAcknowledged = false;
  const adding = addNetwork(store, 1).then(() => (isAcknowledged = true));
  while (disk.begun.length === 0) await new Promise(setImmediate);
  await store.observe(async () => Promise.resolve());
  expect([isAcknowledged, told]).toEqual([false, [1]]);
  disk.begun[0]?.resolve(undefined);
  await adding;
  while (disk.begun.length === 1) await new Promise(setImmediate);
  disk.begun[1]?.resolve(undefined);
});

test("a store that is closed at the moment of a commit still brings it to disk, and says so", async () => {
  await using folder = await temporaryStore();
  const disk = slowDisk();
  const store = await openSqliteStore(`${folder.file}.closed`, undefined, disk.open);
  const adding = addNetwork(store, 1);
  const closed = store[Symbol.asyncDispose]();
  while (disk.begun.length === 0) await new Promise(setImmediate);
  expect(disk.isOpen()).toBe(true);
  disk.begun[0]?.resolve(undefined);
  await Promise.all([adding, closed]);
  expect(disk.isOpen()).toBe(false);
});

test("after the disk has failed nothing is acknowledged, and nothing more is written", async () => {
  await using folder = await temporaryStore();
  const log = { datasync: () => Promise.reject(new Error("EIO")), [Symbol.asyncDispose]: () => Promise.resolve() };
  await using store = await openSqliteStore(`${folder.file}.failing`, undefined, () => Promise.resolve(log));
  for (const number of [1, 2]) {
    const error = await refusal(addNetwork(store, number));
    expect(error).toBeInstanceOf(LoomstackError);
    expect([error.code, error.message]).toEqual(["MODEL__STORE_FAILED", expect.stringContaining("EIO")]);
  }
  expect(await store.db.selectFrom("networks").select("id").execute()).toHaveLength(1);
});
