import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { LoomstackError } from "@loomstack/core";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createNetwork, findNetwork, updateNetwork } from "./network.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import type { Commit } from "./store.ts";
import { addNetwork, dump, newNetwork, refusal, temporaryStore, uuid } from "./store-under-test.ts";

test("a new store has revision 0, and each transaction that records something adds one", async () => {
  await using store = await temporaryStore();
  expect(store.revision()).toBe(0);
  const first = await store.transact((tx) => createNetwork(tx, newNetwork(1)));
  expect(first).toMatchObject({ revision: 1, result: { revision: 1 } });
  const idle = await store.transact(() => Promise.resolve("nothing"));
  expect(idle).toEqual({ revision: 1, result: "nothing" });
  expect(store.revision()).toBe(1);
});

test("what was only observed is there when the store is opened again, and undone where it fails", async () => {
  await using store = await temporaryStore();
  const file = `${store.file}.durable`;
  {
    await using first = await openSqliteStore(file);
    await first.observe((tx) => createNetwork(tx, newNetwork(1)));
    await expect(first.observe((tx) => createNetwork(tx, newNetwork(1)))).rejects.toThrow();
    expect(first.revision()).toBe(1);
  }
  await using second = await openSqliteStore(file);
  expect(second.revision()).toBe(1);
  expect(await findNetwork(second.db, uuid(1))).toMatchObject({ revision: 1 });
});

test("the revision and the objects are there again when the store is reopened", async () => {
  await using store = await temporaryStore();
  const file = `${store.file}.again`;
  {
    await using first = await openSqliteStore(file);
    await addNetwork(first, 1, { name: "blue" });
  }
  await using second = await openSqliteStore(file);
  expect(second.revision()).toBe(1);
  expect(await findNetwork(second.db, uuid(1))).toMatchObject({ name: "blue", revision: 1 });
});

test("listeners are told of commits in order, with what changed, before the writer is answered", async () => {
  await using store = await temporaryStore();
  const told: Commit[] = [];
  using _ = store.commits.add((commit) => told.push(commit));
  const answered: number[] = [];
  await Promise.all(
    [1, 2, 3].map(async (number) => {
      await addNetwork(store, number);
      answered.push(told.length);
    }),
  );
  expect(told.map(({ revision, changes }) => [revision, changes.map(({ id }) => id)])).toEqual([
    [1, [uuid(1)]],
    [2, [uuid(2)]],
    [3, [uuid(3)]],
  ]);
  expect(answered.every((seen, index) => seen > index)).toBe(true);
});

test("a transaction that fails changes nothing and tells nobody", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const before = await dump(store);
  const told: Commit[] = [];
  using _ = store.commits.add((commit) => told.push(commit));
  const failing = store.transact(async (tx) => {
    await createNetwork(tx, newNetwork(2));
    await updateNetwork(tx, uuid(1), { name: "changed" });
    throw new LoomstackError("CORE__ABORTED", { what: "the test", reason: "it has to fail" });
  });
  expect((await refusal(failing)).code).toBe("CORE__ABORTED");
  expect(await dump(store)).toEqual(before);
  expect(told).toEqual([]);
  expect(store.revision()).toBe(1);
});

test("nobody sees a transaction before it is committed", async () => {
  await using store = await temporaryStore();
  await store.transact(async (tx) => {
    await createNetwork(tx, newNetwork(1));
    expect(await findNetwork(tx.db, uuid(1))).toBeDefined();
    expect(await findNetwork(store.db, uuid(1))).toBeUndefined();
  });
  expect(await findNetwork(store.db, uuid(1))).toBeDefined();
});

test("what reads can't write", async () => {
  await using store = await temporaryStore();
  await expect(store.db.deleteFrom("networks").execute()).rejects.toThrow("readonly");
});

test("a query that a transaction's work left running is refused once the transaction has ended", async () => {
  await using store = await temporaryStore();
  const { result: db } = await store.transact((tx) => Promise.resolve([tx.db]));
  await expect(Promise.all(db.map((each) => each.deleteFrom("networks").execute()))).rejects.toThrow();
});

test("a statement that the store itself refuses is an error of the store, and undone", async () => {
  await using store = await temporaryStore();
  const before = await dump(store);
  const failing = store.transact((tx) => sql`INSERT INTO store_revision VALUES (2, 2)`.execute(tx.db));
  expect(await refusal(failing)).toMatchObject({ code: "MODEL__STORE_FAILED", blame: "environment" });
  expect(await dump(store)).toEqual(before);
});

test("only the owner can read the files of a store", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  for (const suffix of ["", "-wal", "-shm", ".lock", ".lock-journal"])
    expect(statSync(store.file + suffix).mode & 0o777).toBe(0o600);
});

test("a store that is open can't be opened again, not even by another name, and can be when it is closed", async () => {
  await using store = await temporaryStore();
  const alias = `${store.file}.alias`;
  symlinkSync(store.file, alias);
  expect((await refusal(openSqliteStore(store.file))).code).toBe("MODEL__STORE_LOCKED");
  expect((await refusal(openSqliteStore(alias))).code).toBe("MODEL__STORE_LOCKED");

  const other = `${store.file}.other`;
  await (await openSqliteStore(other))[Symbol.asyncDispose]();
  await (await openSqliteStore(other))[Symbol.asyncDispose]();
});

test("a refused second opening leaves the lock with the first", async () => {
  await using store = await temporaryStore();
  for (const _ of [1, 2, 3]) expect((await refusal(openSqliteStore(store.file))).code).toBe("MODEL__STORE_LOCKED");
  await addNetwork(store, 1);
});

test("a file that is no database, and a folder, are refused in words", async () => {
  await using store = await temporaryStore();
  writeFileSync(`${store.file}.text`, "this is not a database, and it is long enough to look like one".repeat(20));
  mkdirSync(`${store.file}.folder`);
  for (const file of [`${store.file}.text`, `${store.file}.folder`, `${store.file}.missing/store.db`]) {
    expect(await refusal(openSqliteStore(file))).toMatchObject({ code: "MODEL__STORE_UNUSABLE", context: { file } });
  }
});

test("a store of a later version of the program is refused", async () => {
  await using store = await temporaryStore();
  const file = `${store.file}.later`;
  {
    await using later = await openSqliteStore(file);
    await later.transact(({ db }) => sql`INSERT INTO kysely_migration VALUES ('9999-later', '')`.execute(db));
  }
  expect((await refusal(openSqliteStore(file))).code).toBe("MODEL__STORE_UNUSABLE");
});

test("a store that is closed finishes what was begun, and refuses what comes after", async () => {
  const store = await temporaryStore();
  const begun = addNetwork(store, 1);
  const closed = store[Symbol.asyncDispose]();
  expect((await refusal(addNetwork(store, 2))).code).toBe("MODEL__STORE_CLOSED");
  await closed;
  expect(await begun).toMatchObject({ id: uuid(1) });
});

test("its reading counts commits, how long they took, what was rolled back, and who still waits", async () => {
  let nowMs = 0;
  const clock = { now: () => nowMs, after: () => ({ [Symbol.dispose]: () => undefined }) };
  await using other = await temporaryStore();
  await using store = await openSqliteStore(`${other.file}.timed`, clock);
  const gate = Promise.withResolvers<undefined>();
  const slow = store.transact(async (tx) => {
    await gate.promise;
    await createNetwork(tx, newNetwork(1));
    nowMs += 2_000;
  });
  const failing = refusal(
    store.transact(() => Promise.reject(new LoomstackError("CORE__ABORTED", { what: "the test", reason: "fails" }))),
  );
  expect(store.reading()).toMatchObject({ pending: 2, rolledBack: 0 });
  gate.resolve(undefined);
  await slow;
  await failing;
  const { committed, rolledBack, pending } = store.reading();
  expect({ rolledBack, pending, sumSec: committed.sumSec }).toEqual({ rolledBack: 1, pending: 0, sumSec: 2 });
  expect(committed.counts[committed.boundsSec.indexOf(2.5)]).toBe(1);
});
