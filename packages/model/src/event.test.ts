import { copyFile } from "node:fs/promises";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { appendEvent, eventLimit, listEvents } from "./event.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { temporaryStore } from "./store-under-test.ts";

test("events are read back in order, from the one after the last that was seen", async () => {
  await using store = await temporaryStore();
  const event = {
    at: 5,
    severity: "warning",
    kind: "drift-repaired",
    hypervisor: "OVS/1",
    object: "port 1",
    message: "a flow was back",
  } as const;
  await appendEvent(store, event);
  await appendEvent(store, { at: 6, severity: "info", kind: "node-ready", message: "ready" });
  const events = await listEvents(store.db, { since: 0, limit: 10 });
  expect(events).toEqual([
    { id: 1, ...event },
    { id: 2, at: 6, severity: "info", kind: "node-ready", message: "ready" },
  ]);
  expect(await listEvents(store.db, { since: 1, limit: 10 })).toEqual(events.slice(1));
  expect(await listEvents(store.db, { since: 0, limit: 1 })).toEqual(events.slice(0, 1));
});

test("an event changes no revision and tells no listener", async () => {
  await using store = await temporaryStore();
  let told = 0;
  using _ = store.commits.add(() => void (told += 1));
  await appendEvent(store, { at: 1, severity: "info", kind: "k", message: "m" });
  expect([store.revision(), told]).toEqual([0, 0]);
});

test("what a loss of power takes away leaves its ids behind, so that a reader misses nothing that comes after", async () => {
  await using store = await temporaryStore();
  const lost = { at: 1, severity: "info", kind: "lost", message: "m" } as const;
  const onDisk = `${store.file}.on-disk`;
  for (const suffix of ["", "-wal"]) await copyFile(`${store.file}${suffix}`, `${onDisk}${suffix}`);
  await appendEvent(store, lost);
  await appendEvent(store, lost);
  const seen = (await listEvents(store.db, { since: 0, limit: 10 })).at(-1)?.id ?? 0;
  expect(seen).toBeGreaterThan(0);

  await using afterwards = await openSqliteStore(onDisk);
  await appendEvent(afterwards, { ...lost, kind: "new" });
  expect(await listEvents(afterwards.db, { since: seen, limit: 10 })).toMatchObject([{ kind: "new" }]);
});

test("only the last ten thousand events are kept", async () => {
  await using store = await temporaryStore();
  await store.transact(({ db }) =>
    sql`INSERT INTO events (at, severity, kind, message)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${eventLimit}) SELECT i, 'info', 'k', 'm' FROM n`.execute(
      db,
    ),
  );
  await appendEvent(store, { at: 1, severity: "info", kind: "last", message: "m" });
  const events = await listEvents(store.db, { since: 0, limit: eventLimit + 1 });
  expect([events.length, events[0]?.id, events.at(-1)?.kind]).toEqual([eventLimit, 2, "last"]);
});
