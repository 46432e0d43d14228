/** The connection over real sockets, against peers that behave badly, with a clock that the test turns. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Dpid, type LoomstackError, silentLogger } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage, type Message } from "../of13/messages.ts";
import { MessageFramer } from "./framing.ts";
import type { ConnectionLimits } from "./limits.ts";
import { listenForSwitches } from "./listener.ts";
import type { SwitchConnection } from "./switch-connection.ts";

/** A listener, and the ends of one connection to it. */
interface Scene extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly peer: Socket;
  readonly live: Promise<SwitchConnection>;
  readonly say: (message: Message, xid: number) => void;
  /** Messages that the peer has received and not taken yet. */
  hear(): Promise<{ readonly xid: number; readonly kind: string }>;
}

const feature: Message = {
  kind: "featuresReply",
  dpid: 0x42n as Dpid,
  bufferCount: 0,
  tableCount: 254,
  auxiliaryId: 0,
  capabilities: {},
};

async function scene(limits: Partial<ConnectionLimits> = {}): Promise<Scene> {
  const clock = new FakeClock();
  const { promise: live, resolve } = Promise.withResolvers<SwitchConnection>();
  const listener = await listenForSwitches({
    host: "127.0.0.1",
    port: 0,
    clock,
    logger: silentLogger,
    limits,
    onSwitch: resolve,
  });
  const peer = connect(listener.port, "127.0.0.1");
  peer.on("error", () => undefined);
  const framer = new MessageFramer(() => undefined);
  const heard: { readonly xid: number; readonly kind: string }[] = [];
  peer.on("data", (chunk: Buffer) => {
    heard.push(
      ...framer
        .push(chunk)
        .map((bytes) => decodeMessage(bytes))
        .map(({ xid, message }) => ({ xid, kind: message.kind })),
    );
    peer.emit("heard");
  });
  return {
    clock,
    peer,
    live,
    say: (message, xid) => void peer.write(encodeMessage(message, xid)),
    async hear() {
      while (heard.length === 0) await once(peer, "heard");
      return heard.shift() ?? { xid: 0, kind: "nothing" };
    },
    async [Symbol.asyncDispose]() {
      peer.destroy();
      await listener[Symbol.asyncDispose]();
    },
  };
}

async function shakeHands({ say, live }: Scene): Promise<SwitchConnection> {
  say({ kind: "hello", elements: [] }, 1);
  say(feature, 2);
  say({ kind: "multipartReply", body: { kind: "portDescription", entries: [] } }, 3);
  return live;
}

/** Lets time pass, and what was written meanwhile go out. */
async function pass({ clock }: Scene, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.turn(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ended = async (connection: SwitchConnection): Promise<LoomstackError | undefined> => connection.closed;

test("an echo request is answered with its data at any time", async () => {
  await using stage = await scene();
  stage.say({ kind: "echoRequest", data: Uint8Array.of(1, 2) }, 77);
  expect(await stage.hear()).toMatchObject({ kind: "hello" });
  expect(await stage.hear()).toEqual({ xid: 77, kind: "echoReply" });
});

const hostile: readonly (readonly [string, Uint8Array, string])[] = [
  ["no OpenFlow at all", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), "OPENFLOW__UNEXPECTED_MESSAGE"],
  ["a length of zero", Uint8Array.of(4, 10, 0, 0, 0, 0, 0, 0), "OPENFLOW__MALFORMED_MESSAGE"],
  ["a truncated body", Uint8Array.of(4, 10, 0, 12, 0, 0, 0, 0, 1, 2, 3, 4), "OPENFLOW__MALFORMED_MESSAGE"],
  ["another version", Uint8Array.of(1, 10, 0, 8, 0, 0, 0, 0), "OPENFLOW__UNEXPECTED_MESSAGE"],
];

test.each(hostile)("%s ends the connection with a typed error, and nothing else", async (_, bytes, code) => {
  await using stage = await scene();
  const connection = await shakeHands(stage);
  const pending = expect(connection.barrier()).rejects.toMatchObject({ code });
  stage.peer.write(bytes);
  expect((await ended(connection))?.code).toBe(code);
  await pending;
  expect(() => connection.send({ kind: "barrierRequest" })).toThrow("is closed: it was closed before");
});

test("a switch that goes away in the middle of a message is told so", async () => {
  await using stage = await scene();
  const connection = await shakeHands(stage);
  stage.peer.end(Uint8Array.of(4, 10, 0, 100, 0, 0));
  expect((await ended(connection))?.message).toContain("in the middle of a message");
});

test("a switch that is watched closely is given up within five seconds of silence, and not while it works for us", async () => {
  await using stage = await scene();
  const connection = await shakeHands(stage);
  connection.watchClosely();
  const pending = expect(connection.barrier()).rejects.toMatchObject({ code: "OPENFLOW__PEER_SILENT" });
  let isOver = false;
  void connection.closed.then(() => (isOver = true));
  await pass(stage, 19_000);
  expect(isOver).toBe(false);
  await pass(stage, 2_000);
  await pending;

  await using other = await scene();
  const idle = await shakeHands(other);
  idle.watchClosely();
  await pass(other, 5_000);
  expect((await ended(idle))?.code).toBe("OPENFLOW__PEER_SILENT");
});

test("closing is no error, and ends requests that wait", async () => {
  await using stage = await scene();
  const connection = await shakeHands(stage);
  const pending = connection.barrier();
  connection.close("the test is over");
  expect(await ended(connection)).toBeUndefined();
  await expect(pending).rejects.toThrow("the test is over");
});

test("a listener that throws closes the connection, and the error says that it is ours", async () => {
  await using stage = await scene();
  const connection = await shakeHands(stage);
  connection.packetIns.add(() => {
    throw new RangeError("a bug");
  });
  stage.say(
    {
      kind: "packetIn",
      bufferId: 0,
      totalLength: 0,
      reason: "action",
      tableId: 0,
      cookie: 0n,
      match: {},
      data: new Uint8Array(),
    },
    0,
  );
  expect(await ended(connection)).toMatchObject({ code: "OPENFLOW__LISTENER_FAILED", blame: "bug" });
});

test("a peer that never completes the handshake is dropped", async () => {
  await using stage = await scene({ handshakeTimeoutMs: 3000 });
  expect(await stage.hear()).toMatchObject({ kind: "hello" });
  stage.clock.turn(3000);
  await once(stage.peer, "close");
});

test("a silent switch is probed three times and then dropped", async () => {
  await using stage = await scene();
  const connection = await shakeHands(stage);
  stage.clock.turn(15_000);
  const heard: string[] = [];
  while (heard.filter((kind) => kind === "echoRequest").length < 3) heard.push((await stage.hear()).kind);
  stage.clock.turn(5000);
  expect((await ended(connection))?.code).toBe("OPENFLOW__PEER_SILENT");
});

test("a switch that doesn't read is given up before it takes all our memory", async () => {
  await using stage = await scene({ mostSendBytes: 1 << 20 });
  const connection = await shakeHands(stage);
  stage.peer.pause();
  const message: Message = { kind: "packetOut", actions: [], data: new Uint8Array(60_000) };
  expect(() => {
    for (let sent = 0; sent < 10_000; sent++) connection.send(message);
  }).toThrow("doesn't read");
  expect((await ended(connection))?.code).toBe("OPENFLOW__SEND_BUFFER_EXCEEDED");
});

test("a port that nobody may listen on is a typed error", async () => {
  const options = {
    host: "192.0.2.1",
    port: 0,
    clock: new FakeClock(),
    logger: silentLogger,
    onSwitch: () => undefined,
  };
  await expect(listenForSwitches(options)).rejects.toMatchObject({ code: "OPENFLOW__LISTEN_FAILED" });
});
