import { randomUUID } from "node:crypto";
import { parseUuid, silentLogger, systemClock } from "@loomstack/core";
import { type OvsdbServer, startOvsdbServer } from "@loomstack/testkit";
import { afterEach, expect, test } from "vitest";
import { insert, mutate } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { openOvsdb } from "./open.ts";
import type { ReconnectingOvsdb } from "./reconnecting.ts";
import { transactOnce } from "./transact-once.ts";

const db = "Open_vSwitch";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function start(): Promise<{ readonly server: OvsdbServer; readonly ovsdb: ReconnectingOvsdb }> {
  const server = cleanup.use(await startOvsdbServer());
  const backoff = { firstMs: 10, limitMs: 100 };
  const traits = { clock: systemClock, logger: silentLogger, random: () => 0, backoff };
  return { server, ovsdb: cleanup.use(openOvsdb({ remotes: [server.remote], ...traits })) };
}

/** Marks itself with a row, and counts how often it was done. */
function countedOnce(uuid = parseUuid(randomUUID())) {
  return [
    insert(openVswitch, "QoS", { type: "mark" }, { uuid }),
    mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "+=", 1]]),
  ] as const;
}

function timesDone(server: OvsdbServer): unknown {
  return [...server.database.rows("Open_vSwitch").values()][0]?.["next_cfg"];
}

test("a transaction that succeeds is done once, and has its results", async () => {
  const { server, ovsdb } = await start();
  const uuid = parseUuid(randomUUID());
  expect(await transactOnce(ovsdb, db, countedOnce(uuid))).toEqual([{ uuid }, { count: 1 }]);
  expect(timesDone(server)).toBe(1);
});

test("a transaction whose connection ends before it was done is repeated", async () => {
  const { server, ovsdb } = await start();
  server.misbehave("transact", "close");
  server.misbehave("transact", "close");
  expect(await transactOnce(ovsdb, db, countedOnce())).toMatchObject([{}, { count: 1 }]);
  expect(timesDone(server)).toBe(1);
});

test("a transaction that was done, but whose answer was lost, isn't done again", async () => {
  const { server, ovsdb } = await start();
  server.misbehave("transact", "answerToText");
  using _cutting = server.database.commits.add(() => setImmediate(() => server.dropConnections()));
  expect(await transactOnce(ovsdb, db, countedOnce())).toBeUndefined();
  expect(timesDone(server)).toBe(1);
});

test("what the server refuses isn't repeated", async () => {
  const { server, ovsdb } = await start();
  const [mark] = countedOnce();
  const wrong = mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "/=", 0]]);
  await expect(transactOnce(ovsdb, db, [mark, wrong])).rejects.toMatchObject({ code: "OVSDB__DOMAIN_ERROR" });
  expect(server.connectionCount).toBe(1);
});

test("it is tried no more often than allowed", async () => {
  const { server, ovsdb } = await start();
  for (let n = 0; n < 3; n += 1) server.misbehave("transact", "close");
  const trying = transactOnce(ovsdb, db, countedOnce(), { attemptLimit: 3 });
  await expect(trying).rejects.toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
  expect(timesDone(server)).toBe(0);
});

test("a transaction that doesn't begin with a row under a UUID of its own can't be repeated", async () => {
  const { ovsdb } = await start();
  const [mark, count] = countedOnce();
  for (const operations of [[], [count], [count, mark], [insert(openVswitch, "QoS", {})]]) {
    await expect(transactOnce(ovsdb, db, operations)).rejects.toMatchObject({ code: "OVSDB__NOT_REPEATABLE" });
  }
});

test("it can be given up while there is no connection", async () => {
  const traits = { clock: systemClock, logger: silentLogger, random: () => 0 };
  await using ovsdb = openOvsdb({ remotes: ["unix:/nowhere/db.sock"], ...traits });
  const signal = AbortSignal.abort();
  await expect(transactOnce(ovsdb, db, countedOnce(), { signal })).rejects.toMatchObject({ code: "CORE__ABORTED" });
});
