import { type Revision, silentLogger, type Uuid } from "@loomstack/core";
import type { Intent, RegisteredSwitch, StaticFlow } from "@loomstack/model";
import { flowKey } from "@loomstack/openflow";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test, vi } from "vitest";
import type { TellEvent } from "../event-throttle.ts";
import { Turns } from "../reconcile/turns.ts";
import { PlainSwitch } from "./plain-switch.ts";
import { scriptedSwitch } from "./scripted-switch-under-test.ts";

const dpid = "00000000000000a1";
const id = "00000000-0000-4000-8000-000000000001" as Uuid;
const flow: StaticFlow = {
  ...{ id, dpid, tableId: 0, priority: 1, match: "in_port=1", actions: "drop", key: "0 1 inPort=1" },
  revision: 1 as Revision,
};
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};
let clock: FakeClock;
let plain: PlainSwitch;
let turns: Turns;
const event = vi.fn<TellEvent>();
const shown = vi.fn<(subject: string | undefined) => void>();
let known: Map<string, RegisteredSwitch>;
const kinds = (): string[] => event.mock.calls.map(([, kind]) => kind);

beforeEach(() => {
  event.mockReset();
  shown.mockReset();
  known = new Map();
  clock = new FakeClock();
  turns = new Turns(1);
  const intent = {
    revision: 1 as Revision,
    switches: known,
    staticFlows: new Map([[id, flow]]),
    staticFlowsBySwitch: new Map([[dpid, new Set([id])]]),
  } as Partial<Intent> as Intent;
  plain = new PlainSwitch({
    ...{ dpid, intent, clock, random: () => 0, logger: silentLogger, epoch: 1n, turns, event },
    changed: () => undefined,
    shown,
  });
});

test("a switch without a flow monitor is looked at every five seconds, and drift is put right then", async () => {
  const one = scriptedSwitch({ isWatched: false });
  plain.adopt(one.connection);
  await settle();
  expect([plain.state, plain.flowStatus(flow).state, one.sent.length]).toEqual(["ready", "installed", 1]);
  one.held.clear();
  clock.turn(4_999);
  await settle();
  expect(one.sent).toHaveLength(1);
  clock.turn(1);
  await settle();
  expect(one.sent).toHaveLength(2);
  expect(plain.counters.driftRepaired).toBe(1);
  expect(kinds()).toContain("drift-repaired");
});

test("what a switch holds is read in turn, and the turn is given back", async () => {
  const others = await turns.take();
  plain.adopt(scriptedSwitch({ isWatched: false }).connection);
  await settle();
  expect([plain.state, turns.waiting]).toEqual(["preparing", 1]);
  others[Symbol.dispose]();
  await settle();
  expect(plain.state).toBe("ready");
  using _again = await turns.take();
});

test("the meter for packets to the controller is looked at every five seconds, and put back when it is gone", async () => {
  const one = scriptedSwitch({ hasMeters: true });
  plain.flowsChanged(2 as Revision, [{ id, after: { ...flow, actions: "CONTROLLER" } }]);
  plain.adopt(one.connection);
  await settle();
  expect([plain.puntMeter, one.sent]).toEqual([
    { metered: true, reason: "the switch drops what goes beyond 1000 packets a second" },
    ["add meter", expect.stringContaining("add 0")],
  ]);
  one.meters.clear();
  clock.turn(5_000);
  await settle();
  expect([one.meters.size, plain.counters.driftRepaired, kinds()]).toEqual([
    1,
    1,
    expect.arrayContaining(["drift-repaired"]),
  ]);
  plain.flowsChanged(3 as Revision, [{ id, after: flow }]);
  await settle();
  expect([one.meters.size, plain.puntMeter?.metered]).toEqual([0, false]);
  clock.turn(60_000);
  await settle();
  expect(clock.waiting).toBe(0);
});

test("where the meter is refused, the flow is set all the same, and the switch isn't asked again and again", async () => {
  const one = scriptedSwitch({ hasMeters: true });
  one.refusesMeters = true;
  plain.flowsChanged(2 as Revision, [{ id, after: { ...flow, actions: "CONTROLLER" } }]);
  plain.adopt(one.connection);
  await settle();
  clock.turn(60_000);
  await settle();
  expect(plain.flowStatus(flow).state).toBe("installed");
  expect(plain.puntMeter).toMatchObject({
    metered: false,
    reason: expect.stringContaining("the switch refused the meter") as string,
  });
  expect(one.sent.filter((sent) => sent === "add meter")).toHaveLength(1);
});

test("a refused flow is tried again after half a minute, and when a port has come", async () => {
  const one = scriptedSwitch();
  one.refuses = () => "OFPBAC_BAD_OUT_PORT (2,4)";
  plain.adopt(one.connection);
  await settle();
  expect(plain.flowStatus(flow)).toMatchObject({
    state: "refused",
    reason: "the switch refused it: OFPBAC_BAD_OUT_PORT (2,4)",
  });
  expect(plain.isSettled).toBe(true);
  clock.turn(30_000);
  await settle();
  expect(one.sent).toHaveLength(2);
  one.refuses = () => undefined;
  one.portStatus.tell({ kind: "portStatus", reason: "add" } as Parameters<typeof one.portStatus.tell>[0]);
  await settle();
  expect(plain.flowStatus(flow).state).toBe("installed");
  plain[Symbol.dispose]();
  expect(clock.waiting).toBe(0);
});

test("while it isn't connected, its flows say so; what comes back as it was is not sent", async () => {
  expect(plain.flowStatus(flow)).toMatchObject({
    state: "not-connected",
    reason: expect.stringContaining("yet") as string,
  });
  const one = scriptedSwitch();
  plain.adopt(one.connection);
  await settle();
  one.lose();
  await settle();
  expect([plain.state, plain.flowStatus(flow).state, plain.isSettled]).toEqual([
    "not-connected",
    "not-connected",
    false,
  ]);
  const again = scriptedSwitch();
  for (const [key, held] of one.held) again.held.set(key, held);
  plain.adopt(again.connection);
  await settle();
  expect([plain.state, again.sent]).toEqual(["ready", []]);
  expect(kinds()).toEqual(["switch-connected", "switch-lost", "switch-connected"]);
});

test("who claims to be a switch that is there and answers is sent away, and it is recorded", async () => {
  const [first, rival] = [scriptedSwitch(), scriptedSwitch({ remoteAddress: "198.51.100.6:666" })];
  plain.adopt(first.connection);
  await settle();
  plain.adopt(rival.connection);
  await settle();
  expect([first.isClosed(), rival.isClosed(), rival.sent]).toEqual([false, true, []]);
  expect(plain.connection).toBe(first.connection);
  expect(kinds()).toContain("switch-claimed-twice");
  expect(clock.waiting).toBe(0);
});

test("a connection that doesn't answer within two seconds gives way to a new one", async () => {
  const [dead, fresh, third] = [scriptedSwitch(), scriptedSwitch(), scriptedSwitch()];
  plain.adopt(dead.connection);
  await settle();
  dead.answers = false;
  plain.adopt(fresh.connection);
  plain.adopt(third.connection);
  await settle();
  expect([plain.connection, third.isClosed()]).toEqual([dead.connection, true]);
  clock.turn(2_000);
  await settle();
  expect([dead.isClosed(), fresh.isClosed(), plain.state]).toEqual([true, false, "ready"]);
  expect(plain.connection).toBe(fresh.connection);
});

test("a switch that turns out to be a hypervisor's is given away open, and gets nothing more", async () => {
  const one = scriptedSwitch();
  plain.adopt(one.connection);
  await settle();
  expect(plain.yield()).toBe(one.connection);
  plain.flowsChanged(2 as Revision, [{ id, after: { ...flow, match: "in_port=2" } }]);
  await settle();
  expect([one.isClosed(), one.sent.length, plain.state]).toEqual([false, 1, "not-connected"]);
});

test("a port that the flow names and the switch hasn't is told", async () => {
  const one = scriptedSwitch();
  plain.adopt(one.connection);
  plain.flowsChanged(1 as Revision, [{ id, after: { ...flow, actions: "output:7" } }]);
  await settle();
  expect(plain.flowStatus(flow).warnings).toEqual(["the switch has no port 7 at present"]);
  expect([...one.held.keys()]).toEqual([flowKey({ tableId: 0, priority: 1, match: { inPort: 1 as never } })]);
});

test("a flow that can't be read any more is told as such, and holds up no other", async () => {
  const broken = "00000000-0000-4000-8000-000000000002" as Uuid;
  const one = scriptedSwitch();
  plain.flowsChanged(1 as Revision, [{ id: broken, after: { ...flow, id: broken, match: "warp=9" } }]);
  plain.adopt(one.connection);
  await settle();
  expect(plain.flowStatus({ ...flow, id: broken })).toMatchObject({
    state: "refused",
    reason: expect.stringContaining("warp") as string,
  });
  expect(plain.tally).toEqual({ wanted: 2, installed: 1, refused: 1 });
});

test("whoever shows another certificate than the switch that is there is sent away unasked, and told once", async () => {
  const own = scriptedSwitch({ peerSubject: "CN=own" });
  plain.adopt(own.connection);
  await settle();
  expect(shown.mock.calls).toEqual([["CN=own"]]);
  for (let nr = 0; nr < 2; nr += 1) {
    const other = scriptedSwitch({ peerSubject: "CN=other", remoteAddress: `192.0.2.9:${nr}` });
    plain.adopt(other.connection);
    expect([other.isClosed(), other.sent]).toEqual([true, []]);
  }
  expect(kinds().filter((kind) => kind === "switch-refused")).toHaveLength(1);
  expect([own.isClosed(), plain.state]).toEqual([false, "ready"]);
});

test("when another certificate is asked for, a switch that doesn't show it is let go, and says why", async () => {
  const own = scriptedSwitch({ peerSubject: "CN=own" });
  plain.adopt(own.connection);
  await settle();
  known.set(dpid, { dpid, name: "", certificate: "CN=new", revision: 2 as Revision });
  plain.certificateChanged();
  expect([own.isClosed(), plain.state, plain.reason]).toEqual([
    true,
    "not-connected",
    expect.stringMatching(/"CN=own".*"CN=new"/),
  ]);
});
