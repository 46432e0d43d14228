/** Switches that have a bad day: what they do over a real socket, and what the connection makes of it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Dpid, silentLogger } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage, type Message, type ReceivedMessage } from "../of13/messages.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { tableStats } from "../of13/requests.ts";
import { dialectOf } from "../version/dialect.ts";
import { MessageFramer } from "./framing.ts";
import { xids } from "./handshake.ts";
import type { ConnectionLimits } from "./limits.ts";
import { listenForSwitches } from "./listener.ts";
import type { SwitchConnection } from "./switch-connection.ts";

/** A listener, and a peer that does what the test says. */
interface Stage extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly peer: Socket;
  readonly live: Promise<SwitchConnection>;
  readonly say: (message: Message, xid: number) => void;
  /** The next message of a kind that the peer has been sent. */
  heard(kind: ReceivedMessage["kind"]): Promise<{ readonly xid: number; readonly message: ReceivedMessage }>;
}

async function stageOf(limits: Partial<ConnectionLimits> = {}): Promise<Stage> {
  const clock = new FakeClock();
  const { promise: live, resolve: onSwitch } = Promise.withResolvers<SwitchConnection>();
  const options = { host: "127.0.0.1", port: 0, clock, logger: silentLogger, limits, onSwitch };
  const listener = await listenForSwitches(options);
  const peer = connect({ host: "127.0.0.1", port: listener.port, allowHalfOpen: true });
  peer.on("error", () => undefined);
  const framer = new MessageFramer(() => undefined);
  const inbox: ReturnType<typeof decodeMessage>[] = [];
  peer.on("data", (chunk: Buffer) => {
    inbox.push(...framer.push(chunk).map((bytes) => decodeMessage(bytes)));
    peer.emit("heard");
  });
  return {
    ...{ clock, peer, live },
    say: (message, xid) => void peer.write(encodeMessage(message, xid)),
    async heard(kind) {
      for (;;) {
        const next = inbox.shift();
        if (next?.message.kind === kind) return next;
        if (next === undefined) await once(peer, "heard");
      }
    },
    async [Symbol.asyncDispose]() {
      peer.destroy();
      await listener[Symbol.asyncDispose]();
    },
  };
}

const hello: Message = { kind: "hello", elements: [] };
const features: Message = {
  ...{ kind: "featuresReply", dpid: 0x42n as Dpid, bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: {} },
};

async function liveOn({ say, live }: Stage): Promise<SwitchConnection> {
  say(hello, 1);
  say(features, xids.features);
  say({ kind: "multipartReply", body: { kind: "portDescription", entries: [] } }, xids.ports);
  return await live;
}

test("one that closes its half of the connection is gone, and what waits for it fails", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  const pending = expect(connection.barrier()).rejects.toMatchObject({ code: "OPENFLOW__CONNECTION_CLOSED" });
  stage.peer.end();
  expect(await connection.closed).toMatchObject({ code: "OPENFLOW__CONNECTION_CLOSED" });
  await pending;
});

test("one that closes its half and never reads what is on its way to it is given up", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  stage.peer.pause();
  const packet: Message = { kind: "packetOut", actions: [], data: new Uint8Array(60_000) };
  const sending = connection.apply(Array.from({ length: 500 }, () => packet));
  const failed = expect(sending).rejects.toMatchObject({ code: expect.stringMatching(/SILENT|CLOSED/) as string });
  stage.peer.end();
  stage.clock.turn(30_000);
  await failed;
  expect(await connection.closed).toBeDefined();
});

test("one that resets the connection is told by the system's reason", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  const pending = expect(connection.request(tableStats())).rejects.toMatchObject({
    code: "OPENFLOW__CONNECTION_CLOSED",
  });
  stage.peer.resetAndDestroy();
  expect((await connection.closed)?.message).toContain("ECONNRESET");
  await pending;
});

test("one that stalls in the middle of a message is asked for a sign of life, and given up without one", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  stage.peer.write(encodeMessage({ kind: "echoRequest", data: new Uint8Array(1000) }, 5).subarray(0, 500));
  stage.clock.turn(5000);
  await stage.heard("echoRequest");
  stage.clock.turn(15_000);
  expect((await connection.closed)?.code).toBe("OPENFLOW__PEER_SILENT");
});

test("one that says hello twice before it has said what it is is refused", async () => {
  await using stage = await stageOf();
  stage.say(hello, 1);
  await stage.heard("featuresRequest");
  stage.say(hello, 2);
  await once(stage.peer, "end");
  stage.peer.end();
});

test("one that says hello again later, of whatever version, is heard and served on", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  const told: string[] = [];
  using _listening = connection.messages.add(({ kind }) => told.push(kind));
  stage.say(hello, 9);
  stage.peer.write(dialectOf("1.0").encode(hello, 10));
  const pending = connection.barrier();
  stage.say({ kind: "barrierReply" }, (await stage.heard("barrierRequest")).xid);
  await pending;
  expect(told).toEqual(["hello", "hello"]);
});

test("one that goes on in another version than was agreed upon ends its connection", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  stage.peer.write(dialectOf("1.5").encode({ kind: "barrierReply" }, 1));
  expect(await connection.closed).toMatchObject({
    code: "OPENFLOW__UNEXPECTED_MESSAGE",
    context: { found: "OpenFlow version 6", expected: "version 4 (OpenFlow 1.3)" },
  });
});

test("one that never says what it is, but answers echo requests, doesn't hold the connection", async () => {
  await using stage = await stageOf();
  stage.say(hello, 1);
  await stage.heard("featuresRequest");
  stage.clock.turn(5000);
  stage.say({ kind: "echoReply", data: new Uint8Array() }, (await stage.heard("echoRequest")).xid);
  stage.clock.turn(5000);
  await once(stage.peer, "end");
  stage.peer.end();
});

test("an answer or an error to what was never asked changes nothing for what was", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  let isAnswered = false;
  const pending = connection.barrier().then(() => (isAnswered = true));
  const { xid } = await stage.heard("barrierRequest");
  stage.say({ kind: "barrierReply" }, xid + 1000);
  stage.say({ kind: "error", type: 1, code: 1, data: new Uint8Array() }, xid + 1000);
  stage.say({ kind: "echoReply", data: new Uint8Array() }, xid);
  stage.say({ kind: "echoRequest", data: new Uint8Array() }, 77);
  expect((await stage.heard("echoReply")).xid).toBe(77);
  expect(isAnswered).toBe(false);
  stage.say({ kind: "barrierReply" }, xid);
  await pending;
});

test("one that never answers a request has it fail after its time, and is served on", async () => {
  await using stage = await stageOf({ replyTimeoutMs: 3000 });
  const connection = await liveOn(stage);
  const pending = expect(connection.request(tableStats())).rejects.toMatchObject({ code: "OPENFLOW__REPLY_TIMEOUT" });
  await stage.heard("multipartRequest");
  stage.clock.turn(4000);
  await pending;
  const answered = connection.barrier();
  stage.say({ kind: "barrierReply" }, (await stage.heard("barrierRequest")).xid);
  await answered;
});

test("one that asks for echoes and never reads them is given up before they take all our memory", async () => {
  await using stage = await stageOf({ mostSendBytes: 1 << 20 });
  const connection = await liveOn(stage);
  stage.peer.pause();
  const request = encodeMessage({ kind: "echoRequest", data: new Uint8Array(60_000) }, 1);
  const pour = (): void => {
    while (!stage.peer.destroyed && stage.peer.write(request));
  };
  stage.peer.on("drain", pour);
  pour();
  expect((await connection.closed)?.code).toBe("OPENFLOW__SEND_BUFFER_EXCEEDED");
  stage.peer.off("drain", pour);
});

test("an error inside of a bundle names its flow, also when it comes behind the bundle's close", async () => {
  await using stage = await stageOf();
  const connection = await liveOn(stage);
  const flow = (priority: number) => flowMod("add", { tableId: 0, priority, cookie: 0n, match: {}, instructions: [] });
  const applying = expect(connection.applyBundle([flow(1), flow(2), flow(3)])).rejects.toMatchObject({
    code: "OPENFLOW__FLOW_REFUSED",
    context: { index: 1, count: 3, error: "OFPFMFC_TABLE_FULL (5,1)" },
  });
  const reply = async (): Promise<string | number> => {
    const { xid, message } = await stage.heard("bundleControl");
    if (message.kind !== "bundleControl") return "";
    const { type } = message;
    if (typeof type === "string") stage.say({ ...message, type: type.replace("Request", "Reply") as "openReply" }, xid);
    return type;
  };
  expect(await reply()).toBe("openRequest");
  await stage.heard("bundleAdd");
  const second = await stage.heard("bundleAdd");
  const close = await stage.heard("bundleControl");
  stage.say({ kind: "error", type: 5, code: 1, data: new Uint8Array() }, second.xid);
  if (close.message.kind === "bundleControl") stage.say({ ...close.message, type: "closeReply" }, close.xid);
  expect(await reply()).toBe("discardRequest");
  await applying;
});
