import { type Dpid, Listeners, silentLogger, type Uuid } from "@loomstack/core";
import type { PacketIn, SwitchConnection } from "@loomstack/openflow";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test, vi } from "vitest";
import { ReadFlows } from "./reconcile/read-flows.ts";
import { Turns } from "./reconcile/turns.ts";
import { HypervisorSwitches, type HypervisorSwitchesListener } from "./hypervisor-switches.ts";

interface Scripted {
  readonly connection: SwitchConnection;
  readonly packetIns: Listeners<PacketIn>;
  /** Lets the dump of its flows go on. */
  readonly answer: () => void;
  readonly lose: () => void;
  /** Settles the barriers that it was asked for: whether it is still there. */
  readonly settleBarrier: (isThere: boolean) => void;
  isClosed(): boolean;
}

/** A connection whose dump is answered when the test says so. */
function scripted(setRole: () => Promise<void> = () => Promise.resolve(), peerSubject?: string): Scripted {
  const closed = Promise.withResolvers<undefined>();
  const dumped = Promise.withResolvers<[]>();
  const barrier = Promise.withResolvers<undefined>();
  barrier.promise.catch(() => undefined);
  const packetIns = new Listeners<PacketIn>();
  let isClosed = false;
  const connection = {
    dpid: 1n as Dpid,
    packetIns,
    ports: new Map(),
    portStatus: new Listeners(),
    punted: { received: 0, dropped: 0, waiting: 0 },
    flowUpdates: new Listeners(),
    closed: closed.promise,
    setRole,
    monitorFlows: () => Promise.resolve(),
    dumpFlowsUnread: () => dumped.promise,
    barrier: () => barrier.promise,
    remoteAddress: "192.0.2.1:4711",
    peerSubject,
    watchClosely: () => undefined,
    close: () => {
      isClosed = true;
      barrier.reject(new Error("closed"));
      closed.resolve(undefined);
    },
  } as Partial<SwitchConnection> as SwitchConnection;
  return {
    connection,
    packetIns,
    answer: () => dumped.resolve([]),
    lose: () => closed.resolve(undefined),
    settleBarrier: (isThere) => (isThere ? barrier.resolve(undefined) : barrier.reject(new Error("no answer"))),
    isClosed: () => isClosed,
  };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const row = "00000000-0000-4000-8000-000000000001" as Uuid;
const otherRow = "00000000-0000-4000-8000-000000000002" as Uuid;
const listener = {
  observed: vi.fn<HypervisorSwitchesListener["observed"]>(),
  changed: vi.fn<HypervisorSwitchesListener["changed"]>(),
  lost: vi.fn<HypervisorSwitchesListener["lost"]>(),
  rival: vi.fn<HypervisorSwitchesListener["rival"]>(),
  impostor: vi.fn<HypervisorSwitchesListener["impostor"]>(),
  event: vi.fn<HypervisorSwitchesListener["event"]>(),
  repaired: vi.fn<HypervisorSwitchesListener["repaired"]>(),
  packetIn: vi.fn<HypervisorSwitchesListener["packetIn"]>(),
};
let clock: FakeClock;
let switches: HypervisorSwitches;

beforeEach(() => {
  vi.clearAllMocks();
  clock = new FakeClock();
  switches = new HypervisorSwitches({
    epoch: 1n,
    clock,
    certificate: () => "CN=hypervisor 1",
    turns: new Turns(8),
    readFlows: new ReadFlows(),
    logger: silentLogger,
    listener,
  });
  switches.setRows(new Map([["br-int", row]]));
});

test("a bridge is a target once its flows are observed, and none any more once its connection is lost", async () => {
  const only = scripted();
  switches.adopt("br-int", only.connection);
  await settle();
  expect(switches.target("br-int")).toBeUndefined();
  only.answer();
  await settle();
  expect(switches.target("br-int")?.connection).toBe(only.connection);
  expect(listener.observed.mock.calls).toEqual([["br-int"]]);
  only.lose();
  await settle();
  expect(switches.target("br-int")).toBeUndefined();
  expect(listener.lost).toHaveBeenCalledTimes(1);
});

test("who claims to be a bridge that is there and answers is sent away, and gets nothing", async () => {
  const [first, rival, third] = [scripted(), scripted(), scripted()];
  switches.adopt("br-int", first.connection);
  first.answer();
  await settle();
  switches.adopt("br-int", rival.connection);
  switches.adopt("br-int", third.connection);
  expect([rival.isClosed(), third.isClosed()]).toEqual([false, true]);
  first.settleBarrier(true);
  await settle();
  expect([first.isClosed(), rival.isClosed()]).toEqual([false, true]);
  expect(switches.target("br-int")?.connection).toBe(first.connection);
  expect(listener.observed).toHaveBeenCalledTimes(1);
  expect(listener.lost).not.toHaveBeenCalled();
  expect(listener.rival.mock.calls).toEqual([["br-int", "192.0.2.1:4711"]]);
});

test("a connection that says nothing gives way to a new one after two seconds", async () => {
  const [old, fresh] = [scripted(), scripted()];
  switches.adopt("br-int", old.connection);
  switches.adopt("br-int", fresh.connection);
  await settle();
  expect(old.isClosed()).toBe(false);
  clock.turn(2_000);
  await settle();
  expect([old.isClosed(), fresh.isClosed()]).toEqual([true, false]);
  expect(listener.rival).not.toHaveBeenCalled();
});

test("a connection that doesn't answer any more gives way, even when it is observed after the new one", async () => {
  const [old, fresh] = [scripted(), scripted()];
  switches.adopt("br-int", old.connection);
  switches.adopt("br-int", fresh.connection);
  old.settleBarrier(false);
  await settle();
  fresh.answer();
  await settle();
  old.answer();
  await settle();
  expect(switches.target("br-int")?.connection).toBe(fresh.connection);
  expect([old.isClosed(), fresh.isClosed()]).toEqual([true, false]);
  expect(listener.observed).toHaveBeenCalledTimes(1);
});

test("a bridge that is made anew while its new connection is looked at goes on with that one", async () => {
  const [old, fresh] = [scripted(), scripted()];
  switches.adopt("br-int", old.connection);
  old.answer();
  await settle();
  switches.adopt("br-int", fresh.connection);
  switches.setRows(new Map([["br-int", otherRow]]));
  await settle();
  fresh.answer();
  await settle();
  expect(switches.target("br-int")?.connection).toBe(fresh.connection);
});

test("disposed of while a bridge is being observed, it ends the connection, and nothing is told any more", async () => {
  const [late, rival] = [scripted(), scripted()];
  switches.adopt("br-int", late.connection);
  switches.adopt("br-int", rival.connection);
  await settle();
  switches[Symbol.dispose]();
  expect(rival.isClosed()).toBe(true);
  late.answer();
  await settle();
  late.packetIns.tell({} as PacketIn);
  expect(late.isClosed()).toBe(true);
  expect(switches.target("br-int")).toBeUndefined();
  for (const told of Object.values(listener)) expect(told).not.toHaveBeenCalled();
});

test("a switch that comes after disposal is sent away", () => {
  switches[Symbol.dispose]();
  const late = scripted();
  switches.adopt("br-int", late.connection);
  expect(late.isClosed()).toBe(true);
});

test("a switch that refuses the role is sent away, and the reason is told", async () => {
  const refusing = scripted(() => Promise.reject(new Error("stale generation")));
  switches.adopt("br-int", refusing.connection);
  await settle();
  expect(refusing.isClosed()).toBe(true);
  expect(listener.lost).toHaveBeenCalledWith("br-int", expect.stringContaining("stale generation"));
});

test("a bridge that was made anew is another switch: the connection to the old one ends", async () => {
  const old = scripted();
  switches.adopt("br-int", old.connection);
  old.answer();
  await settle();
  switches.setRows(new Map([["br-int", row]]));
  expect(switches.target("br-int")).toBeDefined();
  switches.setRows(new Map([["br-int", otherRow]]));
  expect(switches.target("br-int")).toBeUndefined();
  expect(old.isClosed()).toBe(true);
});

test("a switch with somebody else's certificate is sent away and told once, and whoever is there stays", async () => {
  const setRole = () => Promise.resolve();
  const own = scripted(setRole, "CN=hypervisor 1");
  switches.adopt("br-int", own.connection);
  own.answer();
  await settle();
  for (const other of [scripted(setRole, "CN=hypervisor 2"), scripted(setRole, "CN=hypervisor 2")]) {
    switches.adopt("br-int", other.connection);
    expect(other.isClosed()).toBe(true);
  }
  expect(switches.target("br-int")?.connection).toBe(own.connection);
  expect(listener.lost).not.toHaveBeenCalled();
  expect(listener.impostor.mock.calls).toEqual([["br-int", expect.stringContaining('"CN=hypervisor 2"')]]);
});

test("when another certificate is asked for, a bridge that shows the one before is let go", async () => {
  const own = scripted(undefined, "CN=hypervisor 1");
  switches.adopt("br-int", own.connection);
  own.answer();
  await settle();
  switches.requireCertificate("CN=hypervisor 1");
  expect(own.isClosed()).toBe(false);
  switches.requireCertificate("CN=hypervisor 2");
  expect([own.isClosed(), switches.target("br-int")]).toEqual([true, undefined]);
});
