import { connect, type Socket } from "node:net";
import type { Clock } from "@loomstack/core";
import { appendEvent, createNetwork, type Store } from "@loomstack/model";
import { expect, test, vi } from "vitest";
import { apiUnderTest, uuid } from "./api-under-test.ts";
import { eventStream } from "./event-stream.ts";

const authorization = `Basic ${Buffer.from("admin:secret").toString("base64")}`;
const record = (store: Store, message: string): Promise<void> =>
  appendEvent(store, { at: 1, severity: "info", kind: "test", message });

/** Reads the stream of a server as it comes. */
async function follow(url: string, headers: Readonly<Record<string, string>> = {}) {
  const ending = new AbortController();
  const response = await fetch(`${url}/api/v1/events/stream`, {
    headers: { authorization, ...headers },
    signal: ending.signal,
  });
  const body: AsyncIterable<Uint8Array> | null = response.body;
  const read = { text: "" };
  const ended = (async () => {
    for await (const chunk of body ?? []) read.text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    has: (part: string) => vi.waitUntil(() => read.text.includes(part), { timeout: 50_000 }),
    text: () => read.text,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await ended;
    },
  };
}

test("a reader gets what comes after it has begun, and after the id that it says", async () => {
  await using api = await apiUnderTest();
  await record(api.store, "one");
  await record(api.store, "two");
  const url = await api.listen();
  await using fresh = await follow(url);
  expect(fresh.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  await using resumed = await follow(url, { "last-event-id": "1" });
  await resumed.has('id: 2\ndata: {"id":2,');
  await record(api.store, "three");
  for (const reader of [fresh, resumed]) await reader.has('id: 3\ndata: {"id":3,');
  expect(fresh.text()).not.toContain("id: 2");
  expect(resumed.text()).not.toContain("id: 1\n");
});

test("a new revision of intent is told; an id that is yet to come is taken for the last one", async () => {
  await using api = await apiUnderTest();
  await using reader = await follow(await api.listen(), { "last-event-id": "999" });
  await reader.has("retry: ");
  const kind = { networkType: "vxlan", segmentationId: null, shared: false, adminStateUp: true } as const;
  await api.store.transact((tx) => createNetwork(tx, { id: uuid(1), name: "n", tenantId: "t", ...kind }));
  await reader.has('event: revision\ndata: {"intent":1}\n\n');
  await record(api.store, "one");
  await reader.has("id: 1\n");
});

test("that the store has forgotten events meanwhile is told, and ids that were left out are not taken for them", async () => {
  await using api = await apiUnderTest();
  for (const message of ["1", "2", "3", "4", "5"]) await record(api.store, message);
  await api.store.transact(({ db }) => db.deleteFrom("events").where("id", "<=", 4).execute());
  await using reader = await follow(await api.listen(), { "last-event-id": "1" });
  await reader.has('event: missed\ndata: {"before":5}\n\nid: 5\n');
  const later = { id: 1_000, at: 1, severity: "info", kind: "test", message: "later" } as const;
  await api.store.transact(({ db }) => db.insertInto("events").values(later).execute());
  await record(api.store, "6");
  await reader.has("\n\nid: 1001\n");
  expect(reader.text().match(/event: missed/g)).toHaveLength(1);
});

test("a heartbeat comes where nothing else does", async () => {
  await using api = await apiUnderTest();
  await using reader = await follow(await api.listen());
  await reader.has("retry: ");
  await vi.waitUntil(() => api.timers() === 1);
  api.expire();
  await reader.has("\n:\n");
});

test("no more of the store is read than a reader takes", async () => {
  await using api = await apiUnderTest();
  for (let number = 1; number <= 120; number++) await record(api.store, `event ${number}`);
  const reads = vi.spyOn(api.store.db, "selectFrom");
  const gone = new AbortController();
  const still: Clock = { now: () => 0, after: () => ({ [Symbol.dispose]: () => undefined }) };
  const stream = eventStream({ store: api.store, clock: still, after: 0, gone: gone.signal, cut: () => undefined });
  await stream.next();
  expect(reads).toHaveBeenCalledTimes(0);
  const value: unknown = (await stream.next()).value;
  expect(value).toContain("id: 50\n");
  expect(value).not.toContain("id: 51\n");
  await record(api.store, "another");
  expect(reads).toHaveBeenCalledTimes(1);
  gone.abort();
  await stream.return(undefined);
});

test(
  "a hundred readers that take nothing are cut after their time; the others get all",
  { timeout: 120_000 },
  async () => {
    await using api = await apiUnderTest();
    const url = await api.listen();
    const slow = Array.from({ length: 100 }, (): Socket => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => undefined);
      socket.pause().write(`GET /api/v1/events/stream HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
      return socket;
    });
    // Each waits for the next event.
    await vi.waitUntil(() => api.timers() === 100, { timeout: 50_000 });
    await using reader = await follow(url);
    const long = "x".repeat(200_000);
    for (let number = 1; number <= 50; number++) await record(api.store, `${number} ${long}`);
    await reader.has("id: 50\n");
    const isAlone = (): boolean => {
      api.expire();
      return api.timers() === 1;
    };
    await vi.waitUntil(isAlone, { timeout: 50_000 });
    await record(api.store, "the last");
    await reader.has("id: 51\n");
    for (const socket of slow) socket.destroy();
  },
);

test("so many readers are let in, and the next one is told to come back", async () => {
  await using api = await apiUnderTest();
  const url = await api.listen();
  await using readers = new AsyncDisposableStack();
  for (let number = 1; number <= 128; number++) readers.use(await follow(url));
  await using late = await follow(url);
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "1"]);
});

test("the stream is for administrators", async () => {
  await using api = await apiUnderTest();
  expect((await api.raw("/api/v1/events/stream")).statusCode).toBe(401);
  expect((await api.raw("/api/v1/events/stream", { authorization, "last-event-id": "x" })).statusCode).toBe(400);
});
