import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Ipv4, silentLogger, systemClock } from "@loomstack/core";
import { connectOvsdb, openVswitch } from "@loomstack/ovsdb";
import { configurationSelection, ensureBridge, tablesOf } from "@loomstack/ovsdb/open-vswitch";
import {
  FakeClock,
  missingOpenVSwitch,
  type OvsdbDaemon,
  startOvsdbDaemon,
  startOvsdbServer,
} from "@loomstack/testkit";
import { expect, test, vi } from "vitest";
import type { DatabaseSession } from "./database-session.ts";
import { DialledDatabase, type DialledDatabaseListener } from "./dialled-database.ts";

function recorder() {
  const opened = vi.fn<DialledDatabaseListener["opened"]>();
  return {
    opened,
    failed: vi.fn<DialledDatabaseListener["failed"]>(),
    /** The connection of now. */
    get session(): DatabaseSession | undefined {
      const session = opened.mock.calls.at(-1)?.[0];
      return session?.isOpen === true ? session : undefined;
    },
  };
}

const common = { address: "127.0.0.1" as Ipv4, tls: undefined, random: () => 0, logger: silentLogger };

test("a database that goes away is told, dialled again, and observed anew", async () => {
  await using server = await startOvsdbServer();
  const listener = recorder();
  using dialled = new DialledDatabase({ ...common, clock: systemClock, remote: server.remote, listener });
  dialled.start();
  await vi.waitFor(() => expect(listener.opened).toHaveBeenCalledTimes(1));
  const first = listener.session?.tables;
  const seenDown: unknown[] = [];
  listener.failed.mockImplementation(() => void seenDown.push(listener.session?.tables));
  expect(first?.Open_vSwitch.size).toBe(1);
  server.dropConnections();
  await vi.waitFor(() => expect(listener.opened).toHaveBeenCalledTimes(2));
  expect(seenDown).toEqual([undefined]);
  expect(listener.session?.tables).toBeDefined();
  expect(listener.session?.tables).not.toBe(first);
});

test("a transaction whose connection is lost is rejected, and one after that, too", async () => {
  await using server = await startOvsdbServer();
  const listener = recorder();
  using dialled = new DialledDatabase({ ...common, clock: systemClock, remote: server.remote, listener });
  dialled.start();
  await vi.waitFor(() => expect(listener.opened).toHaveBeenCalled());
  server.misbehave("transact", "close");
  const { session } = listener;
  await expect(session?.transact([])).rejects.toMatchObject({ code: "OVSDB__CONNECTION_LOST" });
  await vi.waitFor(() => expect(session?.isOpen).toBe(false));
  await expect(session?.transact([])).rejects.toMatchObject({ code: "CORE__ABORTED" });
});

test("disposed of while the database does not answer, it lets go at once and tells nothing any more", async () => {
  await using server = await startOvsdbServer();
  server.misbehave("monitor_cond_since", "stall");
  const listener = recorder();
  const dialled = new DialledDatabase({ ...common, clock: systemClock, remote: server.remote, listener });
  dialled.start();
  await vi.waitFor(() => expect(server.connectionCount).toBe(1));
  dialled[Symbol.dispose]();
  await vi.waitFor(() => expect(server.connectionCount).toBe(0));
  expect([listener.opened, listener.failed].map((told) => told.mock.calls.length)).toEqual([0, 0]);
});

test("disposed of while it waits to dial again, it leaves no timer behind", async () => {
  const clock = new FakeClock();
  const listener = recorder();
  const dialled = new DialledDatabase({ ...common, clock, remote: "unix:/nowhere/db.sock", listener });
  dialled.start();
  // Once at once, and from then on with back-off.
  await vi.waitFor(() => expect(listener.failed).toHaveBeenCalledTimes(2));
  dialled.redial();
  await vi.waitFor(() => expect(listener.failed).toHaveBeenCalledTimes(4));
  dialled[Symbol.dispose]();
  dialled.redial();
  await vi.waitFor(() => expect(clock.waiting).toBe(0));
});

test("a machine with another database behind the same address is seen as it is, whatever was seen before", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-dialled-"));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const remote = `unix:${folder}/db.sock`;
  const listener = recorder();
  using dialled = new DialledDatabase({ ...common, clock: systemClock, remote, listener });
  const systemId = (): string | undefined =>
    listener.session && [...listener.session.tables.Open_vSwitch.values()][0]?.external_ids.get("system-id");
  const bridges = (): readonly string[] =>
    [...(listener.session?.tables.Bridge.values() ?? [])].map(({ name }) => name);
  {
    await using server = await startOvsdbServer({ listen: remote, systemId: "today" });
    await using client = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
    const replica = await client.monitor(openVswitch, configurationSelection);
    await client.transact(openVswitch.name, ensureBridge(tablesOf(replica), { name: "br0" }));
    dialled.start();
    await vi.waitFor(() => expect(listener.opened).toHaveBeenCalledTimes(1));
    expect([systemId(), bridges()]).toEqual(["today", ["br0"]]);
    server.dropConnections();
    await vi.waitFor(() => expect(listener.failed).toHaveBeenCalled());
  }
  await using _server = await startOvsdbServer({ listen: remote, systemId: "yesterday" });
  await vi.waitFor(() => expect(systemId()).toBe("yesterday"), { timeout: 10_000 });
  expect(bridges()).toEqual([]);
});

test.skipIf(missingOpenVSwitch !== undefined)(
  "a cluster that was made anew is taken for what it is",
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "loomstack-dialled-"));
    await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    const remote = `unix:${folder}/db.sock`;
    const place = async (daemon: OvsdbDaemon, bridge: string): Promise<void> => {
      await daemon.vsctl("init", "--", "add-br", bridge);
      await rm(`${folder}/db.sock`, { force: true });
      await symlink(daemon.remote.slice("unix:".length), `${folder}/db.sock`);
    };
    const listener = recorder();
    using dialled = new DialledDatabase({ ...common, clock: systemClock, remote, listener });
    const bridges = (): readonly string[] =>
      [...(listener.session?.tables.Bridge.values() ?? [])].map(({ name }) => name);
    await using after = await startOvsdbDaemon({ clustered: true });
    {
      await using before = await startOvsdbDaemon({ clustered: true });
      await place(before, "br0");
      dialled.start();
      await vi.waitFor(() => expect(bridges()).toEqual(["br0"]));
      await place(after, "br1");
    }
    await vi.waitFor(() => expect(bridges()).toEqual(["br1"]), { timeout: 10_000 });
  },
  30_000,
);

test("a server that has no such database is asked again: later by itself, at once when told to", async () => {
  await using server = await startOvsdbServer({ schema: { ...openVswitch, name: "Other" } });
  const clock = new FakeClock();
  const listener = recorder();
  using dialled = new DialledDatabase({ ...common, clock, remote: server.remote, listener });
  const askedAgain = async (): Promise<void> => {
    await vi.waitFor(() => expect(listener.failed).toHaveBeenCalledWith(expect.stringContaining("Open_vSwitch")));
    await vi.waitFor(() => expect(server.connectionCount).toBe(0));
    listener.failed.mockClear();
  };
  dialled.start();
  await askedAgain();
  clock.turn(5_000);
  await askedAgain();
  dialled.redial();
  await askedAgain();
  expect(listener.opened).not.toHaveBeenCalled();
});
