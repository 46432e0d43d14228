/** What a client does when an OVSDB server misbehaves: the in-process one does so on request. */
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ErrorCode, isLoomstackError, type Logger, silentLogger } from "@loomstack/core";
import { FakeClock, type Fault, hugeReplyBytes, type OvsdbServer, startOvsdbServer } from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { defaultSessionLimits, type SessionLimits } from "../jsonrpc/session-limits.ts";
import { comment, insert, mutate, select } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";

const db = "Open_vSwitch";
const requestTimeLimitMs = 1_000;

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

interface Meeting {
  readonly server: OvsdbServer;
  readonly client: OvsdbClient;
  readonly clock: FakeClock;
  readonly warnings: readonly string[];
}

/** A client of a server that can misbehave; time stands still. */
async function meet(limits: Partial<SessionLimits> = {}): Promise<Meeting> {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields: object, message: string) => void warnings.push(message) };
  const server = cleanup.use(await startOvsdbServer());
  const clock = new FakeClock();
  const all = { requestTimeLimitMs, ...limits };
  const client = cleanup.use(await connectOvsdb({ remote: server.remote, clock, logger, limits: all }));
  return { server, client, clock, warnings };
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return await promise.then(
    () => undefined,
    (error: unknown) => (isLoomstackError(error) ? error.code : "CORE__UNREACHABLE"),
  );
}

const count = mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "+=", 1]]);

describe("the right answer is found", () => {
  test.each<Fault>(["byteByByte", "answerTwice", "duplicateKeys", "flood"])("in spite of %s", async (fault) => {
    const { server, client, warnings } = await meet();
    server.misbehave("transact", fault);
    const [counted, names] = await Promise.all([client.transact(db, [count]), client.listDatabases()]);
    expect([counted, names]).toEqual([[{ count: 1 }], [db]]);
    const [{ rows }] = await client.transact(db, [select(openVswitch, "Open_vSwitch", [], ["next_cfg"])]);
    expect(rows).toEqual([{ next_cfg: 1 }]);
    // Ten thousand surprises are one line in the log.
    expect(warnings).toHaveLength(fault === "answerTwice" || fault === "flood" ? 1 : 0);
  });
});

describe("the request fails, others and the connection go on", () => {
  test.each<readonly [Fault, ErrorCode]>([
    ["hugeReal", "OVSDB__MALFORMED_VALUE"],
    ["integerBeyond64Bits", "OVSDB__MALFORMED_VALUE"],
    ["millionDigits", "OVSDB__MALFORMED_VALUE"],
    ["stall", "OVSDB__REQUEST_TIMEOUT"],
    ["answerToAnother", "OVSDB__REQUEST_TIMEOUT"],
    ["answerToText", "OVSDB__REQUEST_TIMEOUT"],
    ["answerToObject", "OVSDB__REQUEST_TIMEOUT"],
    ["answerToFraction", "OVSDB__REQUEST_TIMEOUT"],
    ["answerToHugeNumber", "OVSDB__REQUEST_TIMEOUT"],
  ])("after %s, with %s", async (fault, code) => {
    const { server, client, clock } = await meet();
    server.misbehave("transact", fault);
    const failing = codeOf(client.transact(db, [count]));
    expect(await client.listDatabases()).toEqual([db]);
    clock.turn(requestTimeLimitMs);
    expect(await failing).toBe(code);
    await expect(client.transact(db, [comment("still there")])).resolves.toEqual([{}]);
  });
});

describe("the connection ends, and everything that waits is told why", () => {
  test.each<readonly [Fault, ErrorCode]>([
    ["close", "OVSDB__CONNECTION_LOST"],
    ["halfAMessage", "OVSDB__CONNECTION_LOST"],
    ["garbage", "OVSDB__MALFORMED_MESSAGE"],
    ["wrongJson", "OVSDB__MALFORMED_MESSAGE"],
    ["invalidUtf8", "OVSDB__MALFORMED_MESSAGE"],
    ["deepNesting", "OVSDB__MALFORMED_MESSAGE"],
    ["endlessReply", "OVSDB__MESSAGE_SIZE_EXCEEDED"],
    ["hugeReply", "OVSDB__MESSAGE_SIZE_EXCEEDED"],
  ])("after %s, with %s", async (fault, code) => {
    const { server, client, clock } = await meet({ maxMessageBytes: 4_000_000 });
    const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    const lock = await client.lock("leader");
    const other = await connectOvsdb({ remote: server.remote, clock, logger: silentLogger });
    cleanup.use(other);
    await other.steal("leader");
    server.misbehave("list_dbs", "stall");
    server.misbehave("transact", fault);
    const waiting = [
      client.listDatabases(),
      client.transact(db, [count]),
      client.getSchema(db).then(() => client.getServerId()),
      replica.until(() => false),
      lock.acquired(),
    ];
    const codes = await Promise.all(waiting.map(codeOf));
    // What was asked for after the end finds a closed connection.
    expect(codes.map((each) => (each === "OVSDB__CLOSED" ? code : each))).toEqual(waiting.map(() => code));
    expect(await client.closed).toMatchObject({ code });
    // The server is a good one for others.
    expect(await other.listDatabases()).toEqual([db]);
  });

  test("when the server accepts and closes", async () => {
    const server = createServer((socket) => socket.destroy());
    cleanup.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const remote = `tcp:127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const client = cleanup.use(await connectOvsdb({ remote, clock: new FakeClock(), logger: silentLogger }));
    expect(await codeOf(client.listDatabases())).toMatch(/^OVSDB__(CONNECTION_LOST|CLOSED)$/);
    expect(await client.closed).toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
  });

  test("when the server tells of a row that isn't there", async () => {
    const { server, client } = await meet();
    const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    const rows = { Bridge: { "36bef046-7da7-43a5-905a-c17899216fcb": { delete: null } } };
    const params = ["monitor-1", server.database.lastTransactionId, rows];
    server.misbehave("list_dbs", "stall");
    const codes = Promise.all([client.listDatabases(), replica.until(() => false)].map(codeOf));
    server.sendRaw(JSON.stringify({ id: null, method: "update3", params }));
    expect(await codes).toEqual(["OVSDB__INCONSISTENT_UPDATE", "OVSDB__INCONSISTENT_UPDATE"]);
  });
});

test("a server that doesn't read what it is sent isn't sent without end, and is given up for its silence", async () => {
  const maxSendBufferBytes = 1_000_000;
  const { server, client, clock } = await meet({ maxSendBufferBytes, requestTimeLimitMs: 1_000_000 });
  server.misbehave("transact", "stopReading");
  const large = insert(openVswitch, "Bridge", { name: "x".repeat(500_000) });
  const waiting: Promise<unknown>[] = [];
  let refused: unknown;
  // The kernel's buffers take some megabytes besides ours.
  while (refused === undefined && waiting.length < 100) {
    const sent = client.transact(db, [large]);
    waiting.push(codeOf(sent));
    refused = await Promise.race([sent, new Promise((resolve) => setImmediate(resolve))]).catch(
      (error: unknown) => error,
    );
  }
  expect(refused).toMatchObject({ code: "OVSDB__SEND_BUFFER_EXCEEDED" });
  clock.turn(4 * defaultSessionLimits.probeIntervalMs);
  const codes = await Promise.all(waiting);
  expect(codes.filter((code) => code !== "OVSDB__PEER_SILENT")).toEqual(["OVSDB__SEND_BUFFER_EXCEEDED"]);
});

/** What a client process says of a reply of 200 MB. */
async function takeHugeReply(maxMessageBytes: number): Promise<{ outcome: string; heldBytes: number }> {
  const server = cleanup.use(await startOvsdbServer());
  server.misbehave("list_dbs", "hugeReply");
  const program = fileURLToPath(new URL("huge-reply.program.ts", import.meta.url));
  const args = [program, server.remote, String(maxMessageBytes)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  return JSON.parse(stdout) as { outcome: string; heldBytes: number };
}

test("of a reply that is larger than the limit no more than the limit is held", async () => {
  const { maxMessageBytes } = defaultSessionLimits;
  const { outcome, heldBytes } = await takeHugeReply(maxMessageBytes);
  expect(outcome).toBe("OVSDB__MESSAGE_SIZE_EXCEEDED");
  // The rest is what reading leaves to the garbage collector.
  expect(heldBytes).toBeLessThan(maxMessageBytes + 64 * 1024 * 1024);
}, 60_000);

test("the same reply is taken where the limit allows it", async () => {
  expect((await takeHugeReply(256 * 1024 * 1024)).outcome).toBe(String(hugeReplyBytes));
}, 60_000);
