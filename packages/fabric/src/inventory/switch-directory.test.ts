import { type Dpid, silentLogger } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import { beforeEach, expect, test, vi } from "vitest";
import { SwitchDirectory, type SwitchOwner } from "./switch-directory.ts";

const dpid = (n: number): Dpid => BigInt(n) as Dpid;
const owner = (key: string) => ({ key, adopt: vi.fn<SwitchOwner["adopt"]>() });
const sentAway: SwitchConnection[] = [];
const connectionOf = (n: number): SwitchConnection => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const close = (): void => {
    sentAway.push(connection);
    resolve(undefined);
  };
  const connection = {
    dpid: dpid(n),
    remoteAddress: "192.0.2.1:1",
    closed: promise,
    close,
  } as Partial<SwitchConnection> as SwitchConnection;
  return connection;
};
let directory: SwitchDirectory;

beforeEach(() => {
  sentAway.length = 0;
  directory = new SwitchDirectory(silentLogger);
});

test("a switch that connects before its hypervisor names it waits, and is handed over once it does", () => {
  const [a, connection] = [owner("OVS/a"), connectionOf(1)];
  directory.connected(connection);
  expect(directory.claim(a, new Map([[dpid(2), "br-tun"]]))).toBeUndefined();
  expect(a.adopt).not.toHaveBeenCalled();
  directory.claim(a, new Map([[dpid(1), "br-int"]]));
  directory.claim(a, new Map([[dpid(1), "br-int"]]));
  expect(a.adopt.mock.calls).toEqual([["br-int", connection]]);
});

test("a switch that nobody names is never handed over, and of too many the oldest are sent away", () => {
  const strangers = Array.from({ length: 300 }, (_, index) => connectionOf(index));
  for (const stranger of strangers) directory.connected(stranger);
  expect(sentAway).toEqual(strangers.slice(0, 300 - 256));
});

test("of two waiting connections of one switch the newer counts", async () => {
  const [a, old, fresh] = [owner("OVS/a"), connectionOf(1), connectionOf(1)];
  directory.connected(old);
  directory.connected(fresh);
  await old.closed;
  directory.claim(a, new Map([[dpid(1), "br-int"]]));
  expect(a.adopt.mock.calls).toEqual([["br-int", fresh]]);
});

test("a datapath id that another hypervisor has stays with that one until it lets go", () => {
  const [a, b] = [owner("OVS/a"), owner("OVS/b")];
  directory.claim(a, new Map([[dpid(1), "br-int"]]));
  expect(directory.claim(b, new Map([[dpid(1), "br-int"]]))).toBe("OVS/a");
  directory.connected(connectionOf(1));
  expect([a.adopt.mock.calls.length, b.adopt.mock.calls.length]).toEqual([1, 0]);
  directory.release(a);
  expect(directory.claim(b, new Map([[dpid(1), "br-int"]]))).toBeUndefined();
});

test("of two connections of a hypervisor's switch the first one is told of until it ends", async () => {
  const [a, first, second] = [owner("OVS/a"), connectionOf(1), connectionOf(1)];
  directory.claim(a, new Map([[dpid(1), "br-int"]]));
  directory.connected(first);
  directory.connected(second);
  expect(directory.ownerOf(dpid(1))?.connection).toBe(first);
  first.close("");
  await first.closed;
  expect(directory.ownerOf(dpid(1))?.connection).toBe(second);
});

/** Keeps the plain switch 1, and no other. */
function keeperOf() {
  const held: { current: SwitchConnection | undefined } = { current: undefined };
  const discovered: SwitchConnection[] = [];
  directory.givePlainTo({
    keeps: (one) => one === dpid(1),
    adopt: (connection) => (held.current = connection),
    discovered: (connection) => void discovered.push(connection),
    yield: (one) => (one === dpid(1) ? held.current : undefined),
  });
  return { held, discovered };
}

test("a switch that was added goes to whoever keeps those; another one is discovered, and waits", () => {
  const { held, discovered } = keeperOf();
  const [added, stranger] = [connectionOf(1), connectionOf(2)];
  directory.connected(added);
  directory.connected(stranger);
  expect(held.current).toBe(added);
  expect(discovered).toEqual([stranger]);
  expect([...directory.waiting.values()]).toEqual([stranger]);
  expect(directory.take(dpid(2))).toBe(stranger);
  expect(directory.waiting.size).toBe(0);
});

test("a hypervisor whose database names an added switch gets it, with its connection, and every later one", async () => {
  const { held } = keeperOf();
  const [a, first, second] = [owner("OVS/a"), connectionOf(1), connectionOf(1)];
  directory.connected(first);
  directory.claim(a, new Map([[dpid(1), "br-int"]]));
  expect(a.adopt.mock.calls).toEqual([["br-int", first]]);
  expect(directory.ownerOf(dpid(1))).toEqual({ key: "OVS/a", connection: first });
  held.current = undefined;
  first.close("");
  await first.closed;
  expect(directory.ownerOf(dpid(1))).toEqual({ key: "OVS/a", connection: undefined });
  directory.connected(second);
  directory.claim(a, new Map([[dpid(1), "br-int"]]));
  expect(a.adopt.mock.calls).toEqual([
    ["br-int", first],
    ["br-int", second],
  ]);
  directory.release(a);
  expect(directory.ownerOf(dpid(1))).toBeUndefined();
  expect(directory.owned).toEqual([]);
});
