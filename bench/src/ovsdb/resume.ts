import { LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import {
  connectOvsdb,
  insert,
  openOvsdb,
  openVswitch,
  type Operation,
  type OvsdbClient,
  update,
} from "@loomstack/ovsdb";
import { startOvsdbDaemon } from "@loomstack/testkit";
import type { Benchmark, Run } from "../benchmark.ts";

const changedRows = 10;
/** What tells those rows from the others. */
const changedDscp = 46;
const rowsAtOnce = 5_000;

/**
 * A connection breaks, ten rows change, the client comes back: how many bytes the server sends and how long it takes
 * until the replica is right, from dialling on. Ours is a large database, the peer a small one: where only what has
 * changed is sent, there is no difference. Clustered databases, for only those remember transactions.
 */
export const resume: Benchmark = {
  bench: "ovsdb",
  metrics: {
    // At most 1.2 times as many.
    "resume-bytes": { unit: "bytes", better: "lower", goal: 0.83 },
    resume: { unit: "ms", better: "lower" },
  },
  peer: "the same with 1,000 rows",
  runs: 5,
  async prepare(length) {
    const rows = length === "full" ? 100_000 : 10_000;
    await using starting = new AsyncDisposableStack();
    const large = starting.use(await Follower.start(rows));
    const small = starting.use(await Follower.start(1_000));
    const running = starting.move();
    return {
      params: { rows, changed_rows: changedRows, whole_bytes: large.wholeBytes, whole_ms: large.wholeMs },
      ours: (signal) => large.breakAndResume(signal),
      peer: (signal) => small.breakAndResume(signal),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

/** A client that replicates the queues of a server of its own, through a relay that can break the connection. */
class Follower implements AsyncDisposable {
  /** What the server sent for the first connection, in bytes. */
  readonly wholeBytes: number;
  /** How long that took. */
  readonly wholeMs: number;
  readonly #world: Awaited<ReturnType<typeof openWorld>>;
  #round = 0;

  static async start(rows: number): Promise<Follower> {
    return new Follower(await openWorld(rows));
  }

  private constructor(world: Awaited<ReturnType<typeof openWorld>>) {
    this.#world = world;
    this.wholeBytes = world.relay.bytesFromServer;
    this.wholeMs = world.wholeMs;
  }

  async breakAndResume(signal: AbortSignal): Promise<Run> {
    const { ovsdb, replica, byRound, relay, writer } = this.#world;
    const round = String(++this.#round);
    let dialledMs = 0;
    using _dialling = ovsdb.connections.add((event) => {
      if (event.kind === "disconnected") dialledMs = performance.now() + event.retryInMs;
    });
    await relay.whileCut(() => changeRows(writer, round));
    const bytesBefore = relay.bytesFromServer;
    await replica.until(() => byRound.get(round).size === changedRows, signal);
    const resumeMs = performance.now() - dialledMs;
    return { figures: { "resume-bytes": relay.bytesFromServer - bytesBefore, resume: resumeMs } };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#world[Symbol.asyncDispose]();
  }
}

async function openWorld(rows: number) {
  await using starting = new AsyncDisposableStack();
  const { relay, remote } = starting.use(await startOvsdbDaemon({ clustered: true }));
  const writer = starting.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger }));
  await fillQueues(writer, rows);
  // The server forgets transactions that together are larger than its database, as that of a small one's beginning is.
  await changeRows(writer, "first");
  const options = { clock: systemClock, logger: silentLogger, random: () => 0, backoff: { firstMs: 1, limitMs: 1 } };
  const startedMs = performance.now();
  const ovsdb = starting.use(openOvsdb({ remotes: [relay.remote], ...options }));
  const replica = await ovsdb.monitor(openVswitch, { Queue: "all" });
  const wholeMs = Math.round(performance.now() - startedMs);
  if (replica.table("Queue").size !== rows) throw unexpected(rows, replica.table("Queue").size);
  const byRound = starting.use(replica.index("Queue", ({ external_ids }) => external_ids.get("round")));
  const running = starting.move();
  return { relay, writer, ovsdb, replica, byRound, wholeMs, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Ten of the rows have a round, those that will change. */
async function fillQueues(writer: OvsdbClient, rows: number): Promise<void> {
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const indexes = Array.from({ length: Math.min(rowsAtOnce, rows - first) }, (_, offset) => first + offset);
    await writer.transact("Open_vSwitch", indexes.map(queue));
  }
}

function queue(index: number): Operation {
  return insert(openVswitch, "Queue", {
    dscp: index < changedRows ? changedDscp : 0,
    external_ids: new Map(index < changedRows ? [["round", "none"]] : []),
    other_config: new Map([
      ["max-rate", "1000000000"],
      ["min-rate", "1000000"],
    ]),
  });
}

async function changeRows(writer: OvsdbClient, round: string): Promise<void> {
  const external_ids = new Map([["round", round]]);
  await writer.transact("Open_vSwitch", [
    update(openVswitch, "Queue", [["dscp", "==", changedDscp]], { external_ids }),
  ]);
}

function unexpected(expected: number, seen: number): LoomstackError {
  return new LoomstackError("LAB__EXPECTATION_FAILED", { what: "rows of the replica", expected, seen });
}
