/** The client against a daemon of our own on a UNIX socket, which behaves as each test tells it to. */
import { getEventListeners, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Clock, silentLogger, type Uuid } from "@loomstack/core";
import { bytesToEnd, decode, encode, struct, type ValueOf } from "@loomstack/wire";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  connectLibvirtDaemon,
  type ConnectOptions,
  type LibvirtConnection,
  type LifecycleEvent,
} from "./connection.ts";
import {
  authList,
  connectClose,
  connectDomainEventCallbackRegisterAny,
  connectGetHostname,
  connectOpen,
  connectSupportsFeature,
} from "./protocol/connect-calls.ts";
import { Text } from "./protocol/domain.ts";
import { domainLookupByUuid } from "./protocol/domain-calls.ts";
import { frame, MessageFramer } from "./protocol/framing.ts";
import { keepaliveProgram, MessageHeader, remoteProgram } from "./protocol/header.ts";
import { LifecycleMessage, lifecycleProcedure } from "./protocol/lifecycle.ts";
import { keepaliveMessage } from "./protocol/message.ts";
import { RemoteError } from "./protocol/remote-error.ts";

const Message = struct({ header: MessageHeader, payload: bytesToEnd });
type Message = ValueOf<typeof Message>;
type Answer = (socket: Socket, call: Message) => void;

const hostname = encode(struct({ hostname: Text }), { hostname: "hv1" });
const domain = { name: "v1", uuid: "9b2c6a5e-0f1d-4c3b-8a79-6e5d4c3b2a19" as Uuid, id: 1 };

function reply(call: Message, payload: Uint8Array, change: Partial<MessageHeader> = {}): Uint8Array {
  return frame(encode(Message, { header: { ...call.header, type: "reply", ...change }, payload }));
}

function event(payload: Uint8Array): Uint8Array {
  const header = { ...remoteProgram, procedure: lifecycleProcedure, type: "message", serial: 0, status: "ok" } as const;
  return frame(encode(Message, { header, payload }));
}

/** Time that stands still until it is turned. */
class TestClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>();

  /** Timers that are running. */
  get waiting(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.#now + delayMs, task };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  turn(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.task();
    }
    this.#now = end;
  }
}

let folder: string;
let server: Server;
let sockets: Socket[];
let received: Message[];
let answers: Map<number, Answer>;
let clock: TestClock;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "loomstack-libvirt-"));
  sockets = [];
  received = [];
  clock = new TestClock();
  answers = new Map<number, Answer>([
    [authList.number, (socket, call) => socket.write(reply(call, Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0)))],
    [connectSupportsFeature.number, (socket, call) => socket.write(reply(call, Uint8Array.of(0, 0, 0, 1)))],
    [connectOpen.number, (socket, call) => socket.write(reply(call, new Uint8Array()))],
    [
      connectDomainEventCallbackRegisterAny.number,
      (socket, call) => socket.write(reply(call, Uint8Array.of(0, 0, 0, 0))),
    ],
    [connectGetHostname.number, (socket, call) => socket.write(reply(call, hostname))],
    [connectClose.number, (socket, call) => socket.write(reply(call, new Uint8Array()))],
  ]);
  server = createServer((socket) => {
    const framer = new MessageFramer("client");
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Uint8Array) => {
      for (const message of framer.push(chunk).map((bytes) => decode(Message, bytes))) {
        received.push(message);
        if (message.header.program === remoteProgram.program) answers.get(message.header.procedure)?.(socket, message);
      }
    });
  });
  server.listen(path.join(folder, "sock"));
  await once(server, "listening");
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

function connect(options: Partial<ConnectOptions> = {}): Promise<LibvirtConnection> {
  const uri = `qemu+unix:///system?socket=${path.join(folder, "sock")}`;
  return connectLibvirtDaemon({ uri, clock, logger: silentLogger, timeoutMs: 1_000, ...options });
}

/** Asks the connection's own question, and lets the daemon's `bytes` be what comes instead of an answer. */
async function callAnsweredBy(
  bytes: (call: Message) => Uint8Array,
): Promise<{ readonly error: unknown; readonly closed: unknown }> {
  answers.set(connectGetHostname.number, (socket, call) => socket.write(bytes(call)));
  const connection = await connect();
  const error = await connection.call(connectGetHostname, undefined).catch((thrown: unknown) => thrown);
  return { error, closed: await connection.closed };
}

test("a connection opens the driver, registers for events and answers calls", async () => {
  await using connection = await connect();
  expect(await connection.call(connectGetHostname, undefined)).toEqual({ hostname: "hv1" });
  expect(received.map(({ header }) => header.procedure)).toEqual([66, 60, 1, 316, 59]);
});

test("a socket that isn't there, and one that nobody listens at, are told with the path", async () => {
  await expect(connect({ uri: `qemu+unix:///system?socket=${folder}/none` })).rejects.toMatchObject({
    code: "LIBVIRT__UNREACHABLE",
    blame: "environment",
  });
  await expect(connect({ uri: `qemu+unix:///system?socket=${folder}/none` })).rejects.toThrow(`ENOENT ${folder}/none`);
});

test("a daemon that asks for authentication is refused with what it asks for", async () => {
  answers.set(authList.number, (socket, call) =>
    socket.write(reply(call, Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2))),
  );
  await expect(connect()).rejects.toThrow("asks for authentication by sasl, polkit");
});

test("a daemon that takes the connection and says nothing times out", async () => {
  answers.delete(authList.number);
  const connecting = connect();
  await vi.waitFor(() => expect(received).toHaveLength(1));
  clock.turn(1_000);
  await expect(connecting).rejects.toMatchObject({
    code: "LIBVIRT__TIMEOUT",
    context: { call: "authList", timeoutMs: 1_000 },
  });
  await vi.waitFor(() => expect(sockets[0]?.closed).toBe(true));
});

test("connecting can be given up, before and while it happens", async () => {
  answers.delete(authList.number);
  const controller = new AbortController();
  const connecting = connect({ signal: controller.signal });
  await vi.waitFor(() => expect(received).toHaveLength(1));
  controller.abort("no longer wanted");
  await expect(connecting).rejects.toMatchObject({ code: "CORE__ABORTED", context: { reason: "no longer wanted" } });
  await expect(connect({ signal: controller.signal })).rejects.toMatchObject({ code: "CORE__ABORTED" });
});

test("a refusal becomes an error with libvirt's number, source and message, and the connection stays", async () => {
  const error = { code: 42, source: 10, message: "Domain not found", level: 2, number1: -1, number2: -1 };
  const nothing = { domain: undefined, text1: undefined, text2: undefined, text3: undefined, network: undefined };
  answers.set(domainLookupByUuid.number, (socket, call) =>
    socket.write(reply(call, encode(RemoteError, { ...error, ...nothing }), { status: "error" })),
  );
  await using connection = await connect();
  const context = { call: "domainLookupByUUID", number: 42, source: "QEMU driver", message: "Domain not found" };
  await expect(connection.call(domainLookupByUuid, { uuid: domain.uuid })).rejects.toMatchObject({
    code: "LIBVIRT__REFUSED",
    context,
  });
  expect(await connection.call(connectGetHostname, undefined)).toEqual({ hostname: "hv1" });
});

test("lifecycle events are told in words; kinds that aren't known are passed over", async () => {
  await using connection = await connect();
  const events: LifecycleEvent[] = [];
  connection.lifecycle.add((told) => events.push(told));
  const of = (number: number, detail: number): Uint8Array =>
    event(encode(LifecycleMessage, { callbackId: 0, domain, event: number, detail }));
  sockets[0]?.write(Buffer.concat([of(2, 0), of(99, 0), of(5, 77)]));
  await connection.call(connectGetHostname, undefined);
  const { uuid, name } = domain;
  expect(events).toEqual([
    { uuid, name, event: "started", detail: "booted" },
    { uuid, name, event: "stopped", detail: "detail 77" },
  ]);
});

test("replies may come in any order and in any pieces", async () => {
  const late: (() => void)[] = [];
  answers.set(connectGetHostname.number, (socket, call) => {
    late.unshift(() => {
      for (const byte of reply(call, hostname)) socket.write(Uint8Array.of(byte));
    });
    if (late.length === 3) for (const send of late) send();
  });
  await using connection = await connect();
  const calls = [1, 2, 3].map(() => connection.call(connectGetHostname, undefined));
  expect(await Promise.all(calls)).toEqual([{ hostname: "hv1" }, { hostname: "hv1" }, { hostname: "hv1" }]);
});

test("only a few calls are out at a time, a bounded number waits, and more are refused", async () => {
  answers.delete(connectGetHostname.number);
  const connection = await connect({ limits: { inFlight: 2, queued: 3 } });
  const calls = Array.from({ length: 6 }, () => connection.call(connectGetHostname, undefined));
  await expect(calls[5]).rejects.toMatchObject({ code: "LIBVIRT__EXCEEDED" });
  const settled = Promise.allSettled(calls);
  await vi.waitFor(() => expect(received).toHaveLength(6));
  await connection[Symbol.asyncDispose]();
  expect((await settled).map((each) => each.status)).toEqual(Array.from({ length: 6 }, () => "rejected"));
  expect(received).toHaveLength(6);
});

test("a call that times out doesn't end the connection, and its late answer is passed over", async () => {
  let answer: (() => void) | undefined;
  answers.set(connectGetHostname.number, (socket, call) => {
    answer = () => socket.write(reply(call, hostname));
  });
  await using connection = await connect();
  const slow = connection.call(connectGetHostname, undefined, { timeoutMs: 50 });
  await vi.waitFor(() => expect(answer).toBeDefined());
  clock.turn(50);
  await expect(slow).rejects.toMatchObject({ code: "LIBVIRT__TIMEOUT" });
  answer?.();
  answers.set(connectGetHostname.number, (socket, call) => socket.write(reply(call, hostname)));
  expect(await connection.call(connectGetHostname, undefined)).toEqual({ hostname: "hv1" });
});

test("a call can be given up", async () => {
  answers.delete(connectGetHostname.number);
  await using connection = await connect();
  const controller = new AbortController();
  const call = connection.call(connectGetHostname, undefined, { signal: controller.signal });
  controller.abort("enough");
  await expect(call).rejects.toMatchObject({ code: "CORE__ABORTED", context: { reason: "enough" } });
  const sent = received.length;
  await expect(connection.call(connectGetHostname, undefined, { signal: controller.signal })).rejects.toMatchObject({
    code: "CORE__ABORTED",
  });
  expect(received).toHaveLength(sent);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("a daemon that goes away rejects what is out, and says so once", async () => {
  answers.set(connectGetHostname.number, (socket) => socket.destroy());
  const connection = await connect();
  await expect(connection.call(connectGetHostname, undefined)).rejects.toMatchObject({ code: "LIBVIRT__CLOSED" });
  expect(await connection.closed).toMatchObject({ code: "LIBVIRT__CLOSED" });
  await expect(connection.call(connectGetHostname, undefined)).rejects.toMatchObject({ code: "LIBVIRT__CLOSED" });
});

test("a connection that we close is no error, even when the daemon doesn't answer the farewell", async () => {
  answers.delete(connectClose.number);
  const connection = await connect();
  const closing = connection[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(received.at(-1)?.header.procedure).toBe(connectClose.number));
  clock.turn(1_000);
  await closing;
  expect(await connection.closed).toBeUndefined();
  expect(clock.waiting).toBe(0);
});

test("probes of the daemon are answered", async () => {
  await using connection = await connect();
  sockets[0]?.write(keepaliveMessage("ping"));
  await connection.call(connectGetHostname, undefined);
  expect(
    received.filter(({ header }) => header.program === keepaliveProgram.program).map(({ header }) => header.procedure),
  ).toEqual([2]);
});

test("a daemon that falls silent is probed and then dropped", async () => {
  answers.delete(connectGetHostname.number);
  const connection = await connect({ keepalive: { intervalMs: 100, probes: 2 }, timeoutMs: 60_000 });
  const call = connection.call(connectGetHostname, undefined);
  clock.turn(400);
  await expect(call).rejects.toMatchObject({ code: "LIBVIRT__SILENT", context: { silentMs: 300 } });
  expect(await connection.closed).toMatchObject({ code: "LIBVIRT__SILENT" });
});

test("a flood of probes from a daemon that reads nothing doesn't fill our memory", async () => {
  await using connection = await connect();
  const { promise: flooded, resolve } = Promise.withResolvers<LifecycleEvent>();
  connection.lifecycle.add(resolve);
  const probes = 100_000;
  const last = event(encode(LifecycleMessage, { callbackId: 0, domain, event: 2, detail: 0 }));
  sockets[0]?.pause();
  sockets[0]?.write(Buffer.concat([...Array.from({ length: probes }, () => keepaliveMessage("ping")), last]));
  await flooded;
  sockets[0]?.resume();
  await connection.call(connectGetHostname, undefined);
  const answered = received.filter(({ header }) => header.program === keepaliveProgram.program).length;
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(probes / 2);
});

test.each([
  ["a length that is too large", () => Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
  ["a length that is too small", () => Uint8Array.of(0, 0, 0, 5)],
  ["text", () => new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["a reply to a call that wasn't made", (call: Message) => reply(call, hostname, { serial: 999 })],
  ["a reply of another procedure", (call: Message) => reply(call, hostname, { procedure: 4 })],
  ["a reply that is cut short", (call: Message) => reply(call, hostname.subarray(0, -4))],
  ["a reply with more than belongs there", (call: Message) => reply(call, new Uint8Array([...hostname, 0, 0, 0, 0]))],
  ["a refusal that can't be read", (call: Message) => reply(call, Uint8Array.of(1), { status: "error" })],
  ["a reply of another program", (call: Message) => reply(call, hostname, { program: 0x20008087 })],
  ["a call", (call: Message) => reply(call, hostname, { type: "call" })],
  ["an event that can't be read", () => event(Uint8Array.of(1, 2, 3))],
])("%s ends the connection with an error that says so", async (_what, bytes) => {
  const { error, closed } = await callAnsweredBy(bytes);
  expect(error).toMatchObject({ code: "LIBVIRT__MALFORMED", blame: "peer" });
  expect(closed).toBe(error);
});
