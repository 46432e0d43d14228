import { parseIp } from "@loomstack/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PortSearch, searchPorts } from "./port-search.ts";
import { listPorts } from "./port.ts";
import type { Store } from "./store.ts";
import { addNetwork, addPort, addSubnet, temporaryStore, uuid } from "./store-under-test.ts";

let store: Store;

beforeEach(async () => {
  store = await temporaryStore();
  await addNetwork(store, 1);
  await addNetwork(store, 2);
  await addSubnet(store, 3, 1);
  await addSubnet(store, 4, 2);
  await addPort(store, 5, 1, { deviceId: "vm-1", fixedIps: [{ ipAddress: parseIp("10.1.0.9") }] });
  await addPort(store, 6, 1, { deviceId: "vm-2", hostId: "h" });
  await addPort(store, 7, 2, { deviceId: "vm-1", fixedIps: [{ ipAddress: parseIp("10.1.0.9") }] });
});
afterEach(() => store[Symbol.asyncDispose]());

test.each<[string, Partial<PortSearch["port"]>, Partial<PortSearch["address"]>, readonly number[]]>([
  ["all", {}, {}, [5, 6, 7]],
  ["those of a device", { device_id: ["vm-1"] }, {}, [5, 7]],
  ["those of one of two", { device_id: ["vm-1", "vm-2"], network_id: [uuid(1)] }, {}, [5, 6]],
  ["those on a host", { host_id: ["h"] }, {}, [6]],
  ["those with an address", {}, { address: ["10.1.0.9"] }, [5, 7]],
  ["those with an address of a subnet", {}, { address: ["10.1.0.9"], subnet_id: [uuid(4)] }, [7]],
  ["none", { name: ["nobody"] }, {}, []],
  ["none of no value", { id: [] }, {}, []],
])("%s are found, whole", async (_, port, address, found) => {
  const all = await listPorts(store.db);
  const wanted = found.map((number) => all.find(({ id }) => id === uuid(number)));
  expect(await searchPorts(store.db, { port, address })).toEqual(wanted);
});
