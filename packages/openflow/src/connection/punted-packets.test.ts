/** Floods of packets for the controller, alone and while something else is to be done. */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { type Dpid, Listeners, type LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { FakeClock, missingOpenVSwitch, startOpenVSwitch } from "@loomstack/testkit";
import { expect, test } from "vitest";
import type { bundleTypes } from "../onf/bundle.ts";
import { decodeMessage, encodeMessage, type Message } from "../of13/messages.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import type { PacketIn } from "../of13/messages/packet-in.ts";
import { packetOut } from "../of13/messages/packet-out.ts";
import { ofPort, Port } from "../of13/ports.ts";
import { meterStats } from "../of13/requests.ts";
import { Meter } from "../of13/messages/meter-mod.ts";
import { MessageFramer } from "./framing.ts";
import { listenForSwitches } from "./listener.ts";
import { PacketInbox } from "./packet-inbox.ts";
import { puntMeter } from "./punt-meter.ts";
import { isPunted, PuntedPackets } from "./punted-packets.ts";
import type { SwitchConnection } from "./switch-connection.ts";

const packet = (cookie: bigint): Extract<Message, { readonly kind: "packetIn" }> => ({
  ...{ kind: "packetIn", bufferId: 0xffff_ffff, totalLength: 64, reason: "action", tableId: 0, cookie },
  ...{ match: { inPort: ofPort(1) }, data: new Uint8Array(64) },
});

test("packets are delivered in their order, a few at a time, and those that find the queue full are counted", () => {
  const clock = new FakeClock();
  const delivered: number[] = [];
  const packets = new PuntedPackets({ mostWaitingPackets: 1500, mostWaitingPacketBytes: 1 << 20 }, clock, (bytes) =>
    delivered.push((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)),
  );
  for (let number = 0; number < 2000; number++) packets.offer(Uint8Array.of(number >> 8, number & 0xff));
  expect(packets.counters).toEqual({ received: 2000, dropped: 500, waiting: 1500 });
  packets.turn();
  packets.turn();
  expect(delivered.length).toBe(1000);
  clock.turn(0);
  expect(delivered).toEqual(Array.from({ length: 1500 }, (_, number) => number));
  expect(clock.waiting).toBe(0);
});

test("large packets are as many as their bytes allow", () => {
  const limits = { mostWaitingPackets: 1000, mostWaitingPacketBytes: 10_000 };
  using packets = new PuntedPackets(limits, new FakeClock(), () => undefined);
  for (let number = 0; number < 20; number++) packets.offer(new Uint8Array(1500));
  expect(packets.counters).toEqual({ received: 20, dropped: 14, waiting: 6 });
});

test("a listener that takes long gets less at a time", () => {
  const clock = new FakeClock();
  let delivered = 0;
  const packets = new PuntedPackets({ mostWaitingPackets: 100, mostWaitingPacketBytes: 1 << 20 }, clock, () => {
    delivered++;
    clock.turn(2);
  });
  for (let number = 0; number < 100; number++) packets.offer(new Uint8Array(1));
  packets.turn();
  expect(delivered).toBe(3);
  packets[Symbol.dispose]();
  expect(clock.waiting).toBe(0);
});

test("packets are known by their headers in all versions and forms", () => {
  const paused: Message = { kind: "packetIn2", properties: [{ kind: "packet", data: new Uint8Array(4) }] };
  expect(isPunted(encodeMessage(packet(1n), 0))).toBe(true);
  expect(isPunted(encodeMessage(paused, 0))).toBe(true);
  expect(isPunted(encodeMessage({ kind: "tlvTableRequest" }, 0))).toBe(false);
  expect(isPunted(encodeMessage({ kind: "barrierReply" }, 0))).toBe(false);
});

/** A switch that pours packets as fast as they are read, from when it is live until it is told to stop. */
async function floodingSwitch(port: number): Promise<{ stop(): void; readonly socket: Socket }> {
  const socket = createConnection(port, "127.0.0.1");
  await once(socket, "connect");
  const chunk = Buffer.concat(Array.from({ length: 200 }, (_, index) => encodeMessage(packet(BigInt(index)), 0)));
  let isPouring = true;
  const pour = (): void => {
    while (isPouring && socket.write(chunk));
    if (isPouring) socket.once("drain", pour);
  };
  const say = (message: Message, xid: number): void => void socket.write(encodeMessage(message, xid));
  const framer = new MessageFramer(() => undefined);
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => {
    for (const received of framer.push(bytes)) {
      const { xid, message } = decodeMessage(received);
      if (message.kind === "featuresRequest") say(features, xid);
      else if (message.kind === "barrierRequest") say({ kind: "barrierReply" }, xid);
      else if (message.kind === "multipartRequest") {
        say({ kind: "multipartReply", body: { kind: "portDescription", entries: [] } }, xid);
        pour();
      } else if (message.kind === "bundleControl") {
        const type = message.type.replace("Request", "Reply") as keyof typeof bundleTypes;
        say({ ...message, type }, xid);
      }
    }
  });
  say({ kind: "hello", elements: [] }, 1);
  return { stop: () => (isPouring = false), socket };
}

const features: Message = {
  ...{ kind: "featuresReply", dpid: 1n as Dpid, bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: {} },
};

test("a bundle is applied while the switch floods us with packets that are handled slowly", async () => {
  const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
  const limits = { mostWaitingPackets: 500 };
  let delivered = 0;
  let mostWaiting = 0;
  const onSwitch = (connection: SwitchConnection): void => {
    connection.packetIns.add(() => {
      delivered++;
      mostWaiting = Math.max(mostWaiting, connection.punted.waiting);
      for (let work = 0; work < 20_000; work++) Math.imul(work, work);
    });
    resolve(connection);
  };
  const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger, limits, onSwitch };
  await using listener = await listenForSwitches(options);
  const flood = await floodingSwitch(listener.port);
  const connection = await promise;
  const mods = Array.from({ length: 20_000 }, (_, index) =>
    flowMod("add", { tableId: 0, priority: index, cookie: 1n, match: { ethType: 0x0800 }, instructions: [] }),
  );
  await connection.applyBundle(mods);
  // A bundle is over only when its commit is answered, from behind all packets that were sent before.
  const { punted } = connection;
  expect(punted.received).toBeGreaterThan(limits.mostWaitingPackets);
  expect(punted.dropped).toBeGreaterThan(0);
  expect(delivered + punted.dropped + punted.waiting).toBe(punted.received);
  expect(mostWaiting).toBeLessThanOrEqual(limits.mostWaitingPackets);
  await connection.barrier();
  flood.stop();
  connection.close("the test is over");
  expect(connection.punted.waiting).toBe(0);
  flood.socket.destroy();
});

test("a consumer that takes its time has a queue of its own, and is told what it missed", async () => {
  const packetIns = new Listeners<PacketIn>();
  const { promise: closed, resolve: close } = Promise.withResolvers<LoomstackError | undefined>();
  using inbox = new PacketInbox({ packetIns, closed }, 2);
  const { message } = decodeMessage(encodeMessage(packet(0n), 0));
  if (message.kind !== "packetIn") throw new TypeError("no packet");
  for (let cookie = 1n; cookie <= 5n; cookie++) packetIns.tell({ ...message, cookie });
  const taken: bigint[] = [];
  for await (const { cookie } of inbox) {
    taken.push(cookie);
    if (cookie === 2n) packetIns.tell({ ...message, cookie: 6n });
    if (cookie === 6n) close(undefined);
  }
  expect(taken).toEqual([1n, 2n, 6n]);
  expect(inbox.dropped).toBe(3);
});

const reason = missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`;

test.skipIf(missingOpenVSwitch !== undefined)(
  `Open vSwitch drops packets beyond the rate of its meter${reason}`,
  async () => {
    const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
    const options = { host: "127.0.0.1", port: 0, clock: systemClock, logger: silentLogger, onSwitch: resolve };
    await using ovs = await startOpenVSwitch(1);
    await using listener = await listenForSwitches(options);
    await ovs.vsctl("set-controller", "br0", `tcp:127.0.0.1:${listener.port}`);
    const connection = await promise;
    await connection.apply(puntMeter({ packetsPerSec: 1, burstPackets: 5 }));
    await expect(connection.apply(puntMeter({ packetsPerSec: 9 }))).rejects.toMatchObject({
      code: "OPENFLOW__MESSAGE_REFUSED",
    });
    const action = { kind: "output", port: Port.controller } as const;
    const flow = {
      tableId: 0,
      priority: 1,
      cookie: 1n,
      match: {},
      instructions: [{ kind: "applyActions", actions: [action] } as const],
    };
    await connection.apply([flowMod("add", flow)]);
    const data = Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, ...new Uint8Array(46)]);
    const out = packetOut({ inPort: ofPort(1), actions: [{ kind: "output", port: Port.table }], data });
    await connection.apply(Array.from({ length: 500 }, () => out));
    const [stats] = await connection.request(meterStats(Meter.controller));
    expect(stats?.packetInCount).toBe(500n);
    expect(connection.punted.received).toBeLessThan(100);
    await connection.apply(puntMeter(undefined));
    connection.close("the test is over");
  },
  30_000,
);
