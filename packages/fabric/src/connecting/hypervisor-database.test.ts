import { type Ipv4, LoomstackError, parseUuid, type Uuid } from "@loomstack/core";
import type { OvsdbClient } from "@loomstack/ovsdb";
import { FakeClock } from "@loomstack/testkit";
import { expect, test, vi } from "vitest";
import type { HypervisorTables } from "../inventory/monitored.ts";
import { DatabaseSession } from "./database-session.ts";
import { HypervisorDatabase } from "./hypervisor-database.ts";

const one = parseUuid("11111111-1111-4111-8111-111111111111");
const other = parseUuid("22222222-2222-4222-8222-222222222222");
const remote = "tcp:192.0.2.7:6640";

function world() {
  const clock = new FakeClock();
  const told = { up: vi.fn(), changed: vi.fn(), down: vi.fn() };
  const session = (getServerId: () => Promise<Uuid>, peerSubject?: string): DatabaseSession => {
    const client: Partial<OvsdbClient> = {
      remote,
      getServerId,
      peerSubject,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return new DatabaseSession({
      client: client as OvsdbClient,
      tables: {} as HypervisorTables,
      direction: "dialled",
      address: "192.0.2.7" as Ipv4,
      clock,
    });
  };
  const of = (serverId: Uuid, subject?: string): DatabaseSession => session(() => Promise.resolve(serverId), subject);
  return { clock, told, session, of, database: new HypervisorDatabase(told) };
}

const failing = (error: LoomstackError) => (): Promise<Uuid> => Promise.reject(error);

test("a connection of another server is a rival for as long as the one that counts answers", async () => {
  const { database, of } = world();
  const first = of(one);
  expect(await database.offer(first)).toBe("taken");
  expect(await database.offer(of(other))).toBe("rival");
  expect(database.session).toBe(first);
});

test("a connection that is silent gives way after 2 s, also to another server, and meanwhile others wait", async () => {
  const { clock, database, session, of, told } = world();
  const [silent, fresh] = [session(() => new Promise(() => undefined)), of(other)];
  await database.offer(silent);
  const offered = database.offer(fresh);
  expect(await database.offer(of(other))).toBe("busy");
  clock.turn(2_000);
  expect(await offered).toBe("taken");
  expect([database.session, silent.isOpen]).toEqual([fresh, false]);
  expect(told.down).not.toHaveBeenCalled();
});

test("a connection that is lost while it is asked gives way: that is no answer", async () => {
  const { database, session, of } = world();
  // As of a machine that has lost its power, and answers with RST when it is back.
  await database.offer(
    session(failing(new LoomstackError("OVSDB__CONNECTION_LOST", { remote, reason: "ECONNRESET" }))),
  );
  const fresh = of(other);
  expect(await database.offer(fresh)).toBe("taken");
  expect(database.session).toBe(fresh);
});

test("a server that doesn't know the question has answered it", async () => {
  const { database, session, of } = world();
  const refusal = { remote, method: "get_server_id", reason: "unknown method" };
  const old = session(failing(new LoomstackError("OVSDB__UNKNOWN_METHOD", refusal)));
  await database.offer(old);
  expect(await database.offer(of(one))).toBe("rival");
  expect(database.session).toBe(old);
});

test("connections of the same server wait, three at most, and the first of them takes over", async () => {
  const { database, of, told } = world();
  const [first, second, third, fourth, fifth] = [of(one), of(one), of(one), of(one), of(one)];
  for (const session of [first, second, third, fourth]) expect(await database.offer(session)).toBe("taken");
  expect(await database.offer(fifth)).toBe("busy");
  second.end("its address is gone");
  first.end("cut");
  expect(database.session).toBe(third);
  expect(told.down).not.toHaveBeenCalled();
  third.end("cut");
  fourth.end("cut");
  expect(database.session).toBeUndefined();
  expect(told.down.mock.calls).toEqual([["cut"]]);
});

test("whoever shows another certificate is a rival, however silent the one that counts is", async () => {
  const { clock, database, session, of } = world();
  const silent = session(() => new Promise(() => undefined), "CN=a");
  await database.offer(silent);
  expect(await database.offer(of(one, "CN=b"))).toBe("rival");
  expect([database.session, clock.waiting]).toEqual([silent, 0]);
});

test("when another certificate is asked for, those that don't show it end, none of them takes over, and one that does is taken", async () => {
  const { database, of, told } = world();
  const [first, second] = [of(one, "CN=a"), of(one, "CN=a")];
  await database.offer(first);
  await database.offer(second);
  database.requireCertificate("CN=a");
  expect([first.isOpen, second.isOpen]).toEqual([true, true]);
  database.requireCertificate("CN=b");
  expect([first.isOpen, second.isOpen]).toEqual([false, false]);
  expect(told.up).toHaveBeenCalledTimes(1);
  expect(told.down.mock.calls).toEqual([
    [`its certificate is that of "CN=a", and from now on it has to be that of "CN=b"`],
  ]);
  expect(await database.offer(of(other, "CN=b"))).toBe("taken");
});
