/** What the tests of this package share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLoomstackError, type LoomstackError, parseIpv4, parseMac, parseUuid, type Uuid } from "@loomstack/core";
import { createNetwork, type Network, type NewNetwork } from "./network.ts";
import { createPort, type NewPort, type Port } from "./port.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";
import { createSubnet } from "./subnet-changes.ts";
import type { NewSubnet, Subnet } from "./subnet.ts";
import type { Tables } from "./tables.ts";

/** A real store in a folder of its own, which goes with it. */
export async function temporaryStore(): Promise<Store & { readonly file: string }> {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-model-"));
  const file = join(folder, "store.db");
  const store = await openSqliteStore(file);
  const close = store[Symbol.asyncDispose].bind(store);
  return Object.assign(store, {
    file,
    [Symbol.asyncDispose]: async () => {
      await close();
      rmSync(folder, { recursive: true });
    },
  });
}

/** Every row of every table, to compare a store before and after. */
export async function dump(store: Store): Promise<Record<string, unknown[]>> {
  const tables = await store.db.introspection.getTables();
  const names = tables.map(({ name }) => name as keyof Tables);
  const rows = names.map(async (name) => [name, await store.db.selectFrom(name).selectAll().execute()] as const);
  return Object.fromEntries(await Promise.all(rows));
}

/** What `work` is refused with; fails the test when it isn't refused by an error of ours. */
export async function refusal(work: Promise<unknown>): Promise<LoomstackError> {
  try {
    await work;
  } catch (error) {
    if (isLoomstackError(error)) return error;
    throw error;
  }
  throw new TypeError("this should have been refused");
}

/** The UUID whose last digits are `number`. */
export function uuid(number: number): Uuid {
  return parseUuid(`00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`);
}

export function newNetwork(number: number, given: Partial<NewNetwork> = {}): NewNetwork {
  const kind = { networkType: "vxlan", segmentationId: null } as const;
  return { id: uuid(number), name: "n", tenantId: "t", shared: false, adminStateUp: true, ...kind, ...given };
}

export function newSubnet(number: number, network: number, given: Partial<NewSubnet> = {}): NewSubnet {
  const gatewayIp = parseIpv4("10.1.0.1");
  const range = { cidr: "10.1.0.0/24", gatewayIp, enableDhcp: true };
  return { id: uuid(number), networkId: uuid(network), name: "s", tenantId: "t", ...range, ...given };
}

export function newPort(number: number, network: number, given: Partial<NewPort> = {}): NewPort {
  const macAddress = parseMac(`02:00:00:00:00:${number.toString(16).padStart(2, "0")}`);
  const device = { deviceId: "", deviceOwner: "", macAddress, adminStateUp: true };
  return { id: uuid(number), networkId: uuid(network), name: "p", tenantId: "t", ...device, ...given };
}

export async function addNetwork(store: Store, ...given: Parameters<typeof newNetwork>): Promise<Network> {
  return (await store.transact((tx) => createNetwork(tx, newNetwork(...given)))).result;
}

export async function addSubnet(store: Store, ...given: Parameters<typeof newSubnet>): Promise<Subnet> {
  return (await store.transact((tx) => createSubnet(tx, newSubnet(...given)))).result;
}

export async function addPort(store: Store, ...given: Parameters<typeof newPort>): Promise<Port> {
  return (await store.transact((tx) => createPort(tx, newPort(...given)))).result;
}
