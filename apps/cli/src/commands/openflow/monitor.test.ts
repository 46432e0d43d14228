/** What monitor does when connections end and switches behave badly; with a clock that the test turns. */
import { FakeClock } from "@loomstack/testkit";
import type { Mac } from "@loomstack/core";
import { ofPort, type PortDescription } from "@loomstack/openflow";
import { expect, test } from "vitest";
import { startCliRun } from "../../testing/cli.ts";
import { type ScriptedConnection, startScriptedSwitch } from "../../testing/scripted-switch.ts";

const port: PortDescription = {
  ...{ portNo: ofPort(1), hwAddr: "52:54:00:00:00:01" as Mac, name: "p1", config: {}, state: {} },
  ...{ current: {}, advertised: {}, supported: {}, peer: {}, currentSpeedKbps: 0, maxSpeedKbps: 0 },
};

const tellPort = ({ say }: ScriptedConnection, name: string): void =>
  say({ kind: "portStatus", reason: "add", port: { ...port, name } });

/** Lets time pass until there is what is waited for. */
async function turnedUntil<T>(clock: FakeClock, wanted: Promise<T>): Promise<T> {
  const state = { isThere: false };
  const noted = wanted.finally(() => (state.isThere = true));
  while (!state.isThere) {
    clock.turn(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await noted;
}

test("monitor dials again when its connection has ended, tells each outage once, and ends clean", async () => {
  await using device = await startScriptedSwitch();
  const clock = new FakeClock();
  await using run = startCliRun(["openflow", "monitor", device.remote, "ports", "-O", "1.3"], { clock });
  const first = await device.connection();
  await run.printed(/monitoring ports of/, "stderr");
  tellPort(first, "before");
  await run.printed(/before/);
  first.socket.destroy();
  await run.printed(/; trying again\n/, "stderr");
  (await turnedUntil(clock, device.connection(true))).socket.resetAndDestroy();
  const third = await turnedUntil(clock, device.connection());
  await run.printed(/trying again\n.*monitoring ports of/s, "stderr");
  tellPort(third, "after");
  await run.printed(/after/);
  run.interrupt("SIGTERM");
  const { status, stdout, stderr } = await run.ended;
  expect([status, stdout]).toEqual([
    143,
    "port add 1(before) addr=52:54:00:00:00:01\nport add 1(after) addr=52:54:00:00:00:01\n",
  ]);
  expect(stderr.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^loomstack: monitoring ports of tcp:/),
    expect.stringMatching(/^loomstack: the connection to tcp:.* is closed: .*; trying again$/),
    expect.stringMatching(/^loomstack: monitoring ports of tcp:/),
  ]);
});

test("an interrupt ends monitor also between two connections", async () => {
  await using device = await startScriptedSwitch();
  await using run = startCliRun(["openflow", "monitor", device.remote, "ports"], { clock: new FakeClock() });
  const { socket } = await device.connection();
  await run.printed(/monitoring/, "stderr");
  socket.destroy();
  await run.printed(/trying again/, "stderr");
  run.interrupt();
  expect((await run.ended).status).toBe(130);
});

test("a first connection that fails ends monitor: whoever has mistyped an address isn't kept waiting", async () => {
  const { status, stderr } = await startCliRun(["openflow", "monitor", "unix:/nowhere/br0.mgmt"]).ended;
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^loomstack: can't connect to the switch at .*\n$/)]);
});

test("a switch that stops in its handshake, or later, is a failure after its time", async () => {
  await using device = await startScriptedSwitch();
  const clock = new FakeClock();
  await using mute = startCliRun(["openflow", "show", device.remote], { clock });
  await (await device.connection(true)).heard("hello");
  clock.turn(10_000);
  expect(await mute.ended).toEqual({
    ...{ status: 1, stdout: "" },
    stderr: `loomstack: ${device.remote} didn't complete the handshake within 10000 ms\n`,
  });
  await using later = startCliRun(["openflow", "dump-flows", device.remote], { clock });
  await (await device.connection()).heard("flow");
  clock.turn(20_000);
  expect(await later.ended).toEqual({
    ...{ status: 1, stdout: "" },
    stderr: `loomstack: ${device.remote} left 3 echo requests unanswered\n`,
  });
});
