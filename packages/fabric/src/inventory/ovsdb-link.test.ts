import { silentLogger, systemClock } from "@loomstack/core";
import { FakeClock, startOvsdbServer } from "@loomstack/testkit";
import { expect, test, vi } from "vitest";
import { OvsdbLink, type OvsdbLinkListener } from "./ovsdb-link.ts";

function recorder() {
  return {
    up: vi.fn<OvsdbLinkListener["up"]>(),
    changed: vi.fn<OvsdbLinkListener["changed"]>(),
    down: vi.fn<OvsdbLinkListener["down"]>(),
  };
}

const common = { random: () => 0, logger: silentLogger };

test("a database that goes away is told, dialled again, and observed anew", async () => {
  await using server = await startOvsdbServer();
  const listener = recorder();
  using link = new OvsdbLink({ ...common, clock: systemClock, remote: server.remote, listener });
  link.start();
  await vi.waitFor(() => expect(listener.up).toHaveBeenCalledTimes(1));
  const first = link.tables;
  expect(first?.openVswitch.size).toBe(1);
  server.dropConnections();
  await vi.waitFor(() => expect(listener.down).toHaveBeenCalledTimes(1));
  expect(link.tables).toBeUndefined();
  await vi.waitFor(() => expect(listener.up).toHaveBeenCalledTimes(2));
  expect(link.tables).toBeDefined();
  expect(link.tables).not.toBe(first);
});

test("a transaction whose connection is lost is rejected, and one without a connection, too", async () => {
  await using server = await startOvsdbServer();
  const listener = recorder();
  using link = new OvsdbLink({ ...common, clock: systemClock, remote: server.remote, listener });
  await expect(link.transact([])).rejects.toMatchObject({ code: "CORE__ABORTED" });
  link.start();
  await vi.waitFor(() => expect(listener.up).toHaveBeenCalled());
  server.misbehave("transact", "close");
  await expect(link.transact([])).rejects.toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
});

test("disposed of while the database does not answer, it lets go at once and tells nothing any more", async () => {
  await using server = await startOvsdbServer();
  server.misbehave("monitor_cond_since", "stall");
  const listener = recorder();
  const link = new OvsdbLink({ ...common, clock: systemClock, remote: server.remote, listener });
  link.start();
  await vi.waitFor(() => expect(server.connectionCount).toBe(1));
  link[Symbol.dispose]();
  await vi.waitFor(() => expect(server.connectionCount).toBe(0));
  expect([listener.up, listener.down, listener.changed].map((told) => told.mock.calls.length)).toEqual([0, 0, 0]);
});

test("disposed of while it waits to dial again, it leaves no timer behind", async () => {
  const clock = new FakeClock();
  const listener = recorder();
  const link = new OvsdbLink({ ...common, clock, remote: "unix:/nowhere/db.sock", listener });
  link.start();
  await vi.waitFor(() => expect(listener.down).toHaveBeenCalledTimes(1));
  link.redial();
  await vi.waitFor(() => expect(listener.down).toHaveBeenCalledTimes(2));
  link[Symbol.dispose]();
  expect(clock.waiting).toBe(0);
});
