/** Streams of transactions to a real cluster while its leader dies, against a dump of what the cluster then has. */
import { randomUUID } from "node:crypto";
import { isLoomstackError, parseUuid, silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OvsdbCluster, startOvsdbCluster } from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { insert, select } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import { connectOvsdb } from "./connect.ts";
import { openOvsdb } from "./open.ts";
import { isCertainlyNotDone } from "./outcome.ts";
import type { ReconnectingOvsdb } from "./reconnecting.ts";
import { transactOnce } from "./transact-once.ts";

const db = "Open_vSwitch";
const streamLength = 600;
/** How many transactions are on their way at once. */
const windowSize = 50;

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function start() {
  const cluster = cleanup.use(await startOvsdbCluster());
  const backoff = { firstMs: 20, limitMs: 200 };
  const traits = { clock: systemClock, logger: silentLogger, random: () => 0 };
  const ovsdb = cleanup.use(openOvsdb({ remotes: cluster.remotes, backoff, ...traits }));
  const replica = await ovsdb.monitor(openVswitch, { QoS: ["type"] });
  const replicated = (): readonly string[] => Array.from(replica.table("QoS").values(), ({ type }) => type).sort();
  return { cluster, ovsdb, replicated };
}

/** Carries out work for each number of the stream, in its order and several at a time. */
async function stream(work: (n: number) => Promise<void>): Promise<void> {
  let nextNumber = 0;
  const worker = async (): Promise<void> => {
    while (nextNumber < streamLength) await work(nextNumber++);
  };
  await Promise.all(Array.from({ length: windowSize }, worker));
}

/** Kills the leader when it has been asked for the given number of answers. */
function killerOf(cluster: OvsdbCluster, leader: number, after: number): () => void {
  let answers = 0;
  return () => {
    answers += 1;
    if (answers !== after) return;
    const killed = cluster.kill(leader);
    cleanup.defer(() => killed);
  };
}

/** All rows, from the leader, on a connection of its own. */
async function dump(cluster: OvsdbCluster): Promise<readonly string[]> {
  const remote = cluster.remotes[await cluster.leader()] ?? "";
  await using client = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
  const [{ rows }] = await client.transact(db, [select(openVswitch, "QoS", [], ["_uuid", "type"])]);
  return rows.map(({ type }) => type).sort();
}

/** What was sent before has been done, or never will be, when this has been done. */
async function barrier(ovsdb: ReconnectingOvsdb): Promise<void> {
  await transactOnce(ovsdb, db, [insert(openVswitch, "QoS", { type: "barrier" }, { uuid: parseUuid(randomUUID()) })]);
}

describe.skipIf(missingOpenVSwitch !== undefined)(
  "when the leader is killed in the middle of a stream",
  { timeout: 30_000 },
  () => {
    test("nothing acknowledged is lost, nothing certainly not done is there, and the replica is right", async () => {
      const { cluster, ovsdb, replicated } = await start();
      const outcomes = new Map<string, "done" | "notDone" | "unknown">();
      const onAnswer = killerOf(cluster, await cluster.leader(), streamLength / 3);
      await stream(async (n) => {
        const type = `row ${n}`;
        await ovsdb.connected();
        try {
          await ovsdb.transact(db, [insert(openVswitch, "QoS", { type })]);
          outcomes.set(type, "done");
          onAnswer();
        } catch (error) {
          outcomes.set(type, isCertainlyNotDone(error) ? "notDone" : "unknown");
          if (!isLoomstackError(error)) throw error;
        }
      });
      await barrier(ovsdb);

      const rows = await dump(cluster);
      expect(replicated()).toEqual(rows);
      const having = (outcome: string): string[] =>
        [...outcomes].filter(([, is]) => is === outcome).map(([row]) => row);
      const missing = having("done").filter((row) => !rows.includes(row));
      const surplus = having("notDone").filter((row) => rows.includes(row));
      expect({ missing, surplus, isEachOnce: new Set(rows).size === rows.length }).toEqual({
        missing: [],
        surplus: [],
        isEachOnce: true,
      });
      expect(having("unknown").length).toBeGreaterThan(0);
      expect(having("done").length).toBeGreaterThan(streamLength / 2);
    });

    test("transactions that are made repeatable are all done, each once", async () => {
      const { cluster, ovsdb, replicated } = await start();
      const onAnswer = killerOf(cluster, await cluster.leader(), streamLength / 3);
      await stream(async (n) => {
        const uuid = parseUuid(randomUUID());
        await transactOnce(ovsdb, db, [insert(openVswitch, "QoS", { type: `row ${n}` }, { uuid })]);
        onAnswer();
      });
      await barrier(ovsdb);
      const expected = ["barrier", ...Array.from({ length: streamLength }, (_, n) => `row ${n}`)].sort();
      expect(await dump(cluster)).toEqual(expected);
      expect(replicated()).toEqual(expected);
    });
  },
);
