/**
 * What a client does when the other side isn't an OVSDB server, or a bad one. Each peer is a plain socket server that a
 * test scripts.
 */
import { createServer, type Socket } from "node:net";
import { type Clock, type Logger, silentLogger, systemClock } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { afterEach, expect, test } from "vitest";
import { type Json, type JsonObject, stringifyJson } from "../notation/json.ts";
import { MessageFraming } from "../jsonrpc/framing.ts";
import type { SessionLimits } from "../jsonrpc/session-limits.ts";
import { formatSchema } from "../schema/format-schema.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb } from "./connect.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

interface Peer {
  readonly remote: string;
  /** Sends bytes to the client. */
  readonly write: (bytes: string | Uint8Array) => void;
  readonly received: readonly JsonObject[];
  readonly socket: Promise<Socket>;
}

type Answer = (message: JsonObject, peer: Peer) => Json | undefined;

/** Answers each request with what `answer` gives as its result; undefined for no answer. */
async function startPeer(answer: Answer = () => undefined): Promise<Peer> {
  const connected = Promise.withResolvers<Socket>();
  const received: JsonObject[] = [];
  let socket: Socket | undefined;
  const write = (bytes: string | Uint8Array): void => void socket?.write(bytes);
  const server = createServer((accepted) => {
    const framing = new MessageFraming();
    socket = accepted;
    cleanup.defer(() => void accepted.destroy());
    accepted.on("error", () => undefined);
    accepted.on("data", (chunk: Buffer) => {
      for (const message of framing.push(chunk)) {
        received.push(message);
        const result = answer(message, peer);
        if (result !== undefined) write(stringifyJson({ id: message["id"] ?? null, result, error: null }));
      }
    });
    connected.resolve(accepted);
  });
  cleanup.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const peer = { remote: `tcp:127.0.0.1:${port}`, write, received, socket: connected.promise };
  return peer;
}

interface ClientTraits {
  readonly limits?: Partial<SessionLimits>;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

async function connectTo(
  peer: Peer,
  { limits = {}, clock = systemClock, logger = silentLogger }: ClientTraits = {},
): Promise<OvsdbClient> {
  const client = await connectOvsdb({ remote: peer.remote, clock, logger, limits });
  cleanup.use(client);
  await peer.socket;
  return client;
}

/** A server that can be monitored; it says `updates` after the initial answer. */
const monitored =
  (...updates: readonly string[]): Answer =>
  ({ method }, peer) => {
    if (method === "get_schema") return formatSchema(openVswitch);
    if (method !== "monitor_cond_since") return undefined;
    queueMicrotask(() => updates.forEach((update) => peer.write(update)));
    return [false, "00000000-0000-0000-0000-000000000000", { Bridge: { [uuid]: { initial: { name: "br0" } } } }];
  };

const uuid = "36bef046-7da7-43a5-905a-c17899216fcb";
const update3 = (monitor: string, updates: Json): string =>
  stringifyJson({ id: null, method: "update3", params: [monitor, "00000000-0000-0000-0000-000000000001", updates] });
const renamed = (name: string): Json => ({ Bridge: { [uuid]: { modify: { name } } } });

test.each<readonly [string, string | Uint8Array]>([
  ["binary garbage", Uint8Array.from({ length: 64 }, (_, n) => n)],
  ["JSON that isn't a message", "{}"],
  ["a message with a method that isn't text", '{"method":7,"params":[],"id":1}'],
  ["a closing bracket too many", "}"],
])("%s ends the connection, and the request that waits", async (_, bytes) => {
  const peer = await startPeer();
  const client = await connectTo(peer);
  const request = client.listDatabases();
  peer.write(bytes);
  await expect(request).rejects.toMatchObject({ code: "OVSDB__MALFORMED_MESSAGE" });
  expect(await client.closed).toMatchObject({ code: "OVSDB__MALFORMED_MESSAGE" });
});

test("half a message and then the end is told as such", async () => {
  const peer = await startPeer();
  const client = await connectTo(peer);
  const request = client.listDatabases();
  (await peer.socket).end('{"id":1,"result":["Open_v');
  await expect(request).rejects.toMatchObject({
    code: "OVSDB__CONNECTION_LOST",
    context: { reason: "it ended in the middle of a message" },
  });
});

test("answers of the wrong type fail their request only", async () => {
  const peer = await startPeer(({ method }) =>
    method === "list_dbs" ? 7 : method === "get_schema" ? { name: 7 } : [{ count: "x" }],
  );
  const client = await connectTo(peer);
  await expect(client.listDatabases()).rejects.toMatchObject({ code: "OVSDB__MALFORMED_VALUE" });
  await expect(client.getSchema("db")).rejects.toMatchObject({ code: "OVSDB__MALFORMED_SCHEMA" });
  await expect(client.transact("db", [])).resolves.toEqual([]);
  await expect(client.monitor(openVswitch, {})).rejects.toMatchObject({ code: "OVSDB__MALFORMED_SCHEMA" });
});

test("an update for an unknown monitor, or in another form than the monitor's, is ignored; the next right one counts", async () => {
  const otherForm = stringifyJson({ id: null, method: "update", params: ["monitor-1", {}] });
  const peer = await startPeer(
    monitored(update3("monitor-7", renamed("wrong")), otherForm, update3("monitor-1", renamed("br1"))),
  );
  const client = await connectTo(peer);
  const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
  await replica.until(() => [...replica.table("Bridge").values()].some(({ name }) => name === "br1"));
});

test.each<readonly [string, Json, string]>([
  ["of a wrong type", { Bridge: { [uuid]: { modify: { name: 7 } } } }, "OVSDB__MALFORMED_VALUE"],
  ["of a table that isn't monitored", { Port: {} }, "OVSDB__MALFORMED_VALUE"],
  [
    "of a row that isn't there",
    { Bridge: { "36bef046-7da7-43a5-905a-c17899216fcc": { delete: null } } },
    "OVSDB__INCONSISTENT_UPDATE",
  ],
  ["that isn't an object", 7, "OVSDB__MALFORMED_VALUE"],
])("an update %s ends the connection: the replica can't be trusted any more", async (_, updates, code) => {
  const peer = await startPeer(monitored(update3("monitor-1", updates)));
  const client = await connectTo(peer);
  const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
  await expect(replica.until(() => false)).rejects.toMatchObject({ code });
  expect(await client.closed).toMatchObject({ code });
});

test("an update that comes in one piece with the answer to the monitor isn't lost", async () => {
  const peer = await startPeer(({ method, id }, { write }) => {
    if (method === "get_schema") return formatSchema(openVswitch);
    const initial = {
      id: id ?? null,
      error: null,
      result: [false, uuid, { Bridge: { [uuid]: { initial: { name: "br0" } } } }],
    };
    write(stringifyJson(initial) + update3("monitor-1", renamed("br1")));
    return undefined;
  });
  const replica = await (await connectTo(peer)).monitor(openVswitch, { Bridge: ["name"] });
  expect([...replica.table("Bridge").values()]).toEqual([{ name: "br1" }]);
});

test("a listener that throws ends the connection with what it threw", async () => {
  const peer = await startPeer(monitored(update3("monitor-1", renamed("br1"))));
  const client = await connectTo(peer);
  const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
  replica.changes.add(() => JSON.parse("{") as undefined);
  expect(await client.closed).toMatchObject({
    code: "CORE__UNREACHABLE",
    context: { what: expect.stringContaining("JSON") as string },
  });
});

test("a peer that answers nothing can't be asked without end", async () => {
  const peer = await startPeer();
  const clock = new FakeClock();
  const client = await connectTo(peer, { clock, limits: { maxPendingRequests: 2, requestTimeLimitMs: 1_000 } });
  const ends = Promise.allSettled([client.listDatabases(), client.listDatabases()]);
  await expect(client.listDatabases()).rejects.toMatchObject({ code: "OVSDB__PENDING_EXCEEDED" });
  clock.turn(1_000);
  for (const end of await ends) expect(end).toMatchObject({ reason: { code: "OVSDB__REQUEST_TIMEOUT" } });
  // Those that nobody waits for any more are still with the peer.
  await expect(client.listDatabases()).rejects.toMatchObject({ code: "OVSDB__PENDING_EXCEEDED" });
});

test("a peer that asks for echoes and doesn't read the answers is given up", async () => {
  const peer = await startPeer();
  const client = await connectTo(peer, { limits: { maxSendBufferBytes: 100_000 } });
  const socket = await peer.socket;
  socket.pause();
  const echo = stringifyJson({ id: 1, method: "echo", params: ["x".repeat(1_000_000)] });
  for (let n = 0; n < 32; n++) socket.write(echo);
  expect(await client.closed).toMatchObject({ code: "OVSDB__SEND_BUFFER_EXCEEDED" });
});

test("echoes are answered, other requests of the peer are declined", async () => {
  const answers = Promise.withResolvers<undefined>();
  const peer = await startPeer((_, { received }) => {
    if (received.length === 2) answers.resolve(undefined);
    return undefined;
  });
  await connectTo(peer);
  peer.write('{"id":"echo","method":"echo","params":["a",9007199254740993]}{"id":8,"method":"steal","params":[]}');
  await answers.promise;
  expect(peer.received).toEqual([
    { id: "echo", result: ["a", 9007199254740993n], error: null },
    { id: 8, result: null, error: "unknown method" },
  ]);
});

test("a silent peer is asked for an echo, and given up after three intervals without an answer", async () => {
  const asked = Promise.withResolvers<JsonObject>();
  const peer = await startPeer((message) => {
    asked.resolve(message);
    return undefined;
  });
  const clock = new FakeClock();
  const client = await connectTo(peer, { clock });
  clock.turn(10_000);
  expect(await asked.promise).toEqual({ id: "echo", method: "echo", params: [] });
  clock.turn(10_000);
  expect(await client.closed).toMatchObject({ code: "OVSDB__PEER_SILENT", context: { silentMs: 15_000 } });
  expect(clock.waiting).toBe(0);
});

test("a client that is disposed of ends its requests, closes without an error, and leaves no timer", async () => {
  const peer = await startPeer();
  const clock = new FakeClock();
  const client = await connectTo(peer, { clock });
  const request = client.listDatabases();
  await Promise.all([expect(request).rejects.toMatchObject({ code: "OVSDB__CLOSED" }), client[Symbol.asyncDispose]()]);
  expect(await client.closed).toBeUndefined();
  expect(clock.waiting).toBe(0);
});

test("a connection that is never accepted is given up at its time limit", async () => {
  const clock = new FakeClock();
  // TEST-NET-1 (RFC 5737): nobody answers there.
  const connecting = connectOvsdb({
    remote: "tcp:192.0.2.1:6640",
    clock,
    logger: silentLogger,
    connectTimeLimitMs: 500,
  });
  clock.turn(500);
  await expect(connecting).rejects.toMatchObject({ code: "OVSDB__CONNECT_TIMEOUT" });
});

test("a transaction that is given up is cancelled by its id", async () => {
  const cancelled = Promise.withResolvers<JsonObject>();
  const peer = await startPeer((message) => {
    if (message["method"] === "cancel") cancelled.resolve(message);
    return undefined;
  });
  const client = await connectTo(peer);
  const giveUp = new AbortController();
  const waiting = client.transact("db", [], { signal: giveUp.signal });
  giveUp.abort();
  await expect(waiting).rejects.toMatchObject({ code: "CORE__ABORTED" });
  expect(await cancelled.promise).toEqual({ id: null, method: "cancel", params: [1] });
});

test("an answer that comes after its time limit has no effect any more", async () => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<undefined>();
  const peer = await startPeer(({ method }) => {
    if (method === "get_schema") return formatSchema(openVswitch);
    if (method === "list_dbs") return ["db"];
    asked.resolve(undefined);
    return undefined;
  });
  const client = await connectTo(peer, { clock, limits: { requestTimeLimitMs: 1_000 } });
  const monitoring = client.monitor(openVswitch, { Bridge: ["name"] });
  await asked.promise;
  clock.turn(1_000);
  await expect(monitoring).rejects.toMatchObject({ code: "OVSDB__REQUEST_TIMEOUT" });
  peer.write(stringifyJson({ id: 2, error: null, result: [false, uuid, {}] }) + update3("monitor-1", 7));
  expect(await client.listDatabases()).toEqual(["db"]);
});

test("a TLS handshake that never ends is given up at its time limit, and the connection closed", async () => {
  const clock = new FakeClock();
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((socket) => accepted.resolve(socket.resume().on("error", () => undefined)));
  cleanup.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const remote = `ssl:127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  // Without certificates of ours the handshake still begins.
  const tls = { key: "", cert: "", ca: "" };
  const connecting = connectOvsdb({ remote, tls, clock, logger: silentLogger, connectTimeLimitMs: 500 });
  const socket = await accepted.promise;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  clock.turn(500);
  await expect(connecting).rejects.toMatchObject({ code: "OVSDB__CONNECT_TIMEOUT" });
  await closed;
});
