import { parseIpv4, parseMac } from "@loomstack/core";
import { expect, test } from "vitest";
import { deletePort, getPort, listPorts, updatePort } from "./port.ts";
import type { Store } from "./store.ts";
import { addNetwork, addPort, addSubnet, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";

/** Network 1 with the subnet 2 (10.1.0.0/24) and network 11 with none. */
async function twoNetworks(): Promise<Store> {
  const store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  await addNetwork(store, 11);
  return store;
}

const addresses = (port: { readonly fixedIps: readonly { readonly ipAddress: string }[] }): string[] =>
  port.fixedIps.map(({ ipAddress }) => ipAddress);

test("a port is stored and read back as it was given", async () => {
  await using store = await twoNetworks();
  const fixedIps = [{ subnetId: uuid(2), ipAddress: parseIpv4("10.1.0.9") }];
  const port = await addPort(store, 3, 1, {
    name: "eth0",
    deviceId: "vm",
    deviceOwner: "compute:x",
    adminStateUp: false,
    fixedIps,
  });
  expect(port).toMatchObject({
    id: uuid(3),
    networkId: uuid(1),
    name: "eth0",
    tenantId: "t",
    macAddress: "02:00:00:00:00:03",
    fixedIps,
    deviceId: "vm",
    deviceOwner: "compute:x",
    adminStateUp: false,
    portSecurityEnabled: true,
    allowedAddressPairs: [],
    dnsName: null,
    revision: 4,
  });
  expect(await getPort(store.db, uuid(3))).toEqual(port);
  expect(await listPorts(store.db, uuid(1))).toEqual([port]);
  expect(await listPorts(store.db, uuid(11))).toEqual([]);
});

test("a port of which no addresses are said gets the lowest free one of each subnet", async () => {
  await using store = await twoNetworks();
  await addSubnet(store, 5, 1, { cidr: "10.2.0.0/24", gatewayIp: null });
  expect(addresses(await addPort(store, 3, 1))).toEqual(["10.1.0.2", "10.2.0.1"]);
  expect(addresses(await addPort(store, 4, 1))).toEqual(["10.1.0.3", "10.2.0.2"]);
  await store.transact((tx) => deletePort(tx, uuid(3)));
  expect(addresses(await addPort(store, 6, 1))).toEqual(["10.1.0.2", "10.2.0.1"]);
  expect(addresses(await addPort(store, 7, 11))).toEqual([]);
});

test("a port that is said to have no addresses gets none", async () => {
  await using store = await twoNetworks();
  expect((await addPort(store, 3, 1, { fixedIps: [] })).fixedIps).toEqual([]);
});

test("a subnet alone means its lowest free address, and an address alone means the subnet that has it", async () => {
  await using store = await twoNetworks();
  await addPort(store, 3, 1, { fixedIps: [{ ipAddress: parseIpv4("10.1.0.3") }] });
  const port = await addPort(store, 4, 1, {
    fixedIps: [{ subnetId: uuid(2) }, { subnetId: uuid(2) }, { ipAddress: parseIpv4("10.1.0.2") }],
  });
  // The address that the request names isn't taken by its own free choices, and the order is the request's.
  expect(addresses(port)).toEqual(["10.1.0.4", "10.1.0.5", "10.1.0.2"]);
  expect((await getPort(store.db, uuid(4))).fixedIps).toEqual(port.fixedIps);
});

test("a subnet gives out each of its addresses once, and then no more", async () => {
  await using store = await twoNetworks();
  await addSubnet(store, 5, 11, { cidr: "10.3.0.0/29", gatewayIp: parseIpv4("10.3.0.3") });
  const given: string[] = [];
  for (let number = 20; number < 25; number += 1) given.push(...addresses(await addPort(store, number, 11)));
  expect(given).toEqual(["10.3.0.1", "10.3.0.2", "10.3.0.4", "10.3.0.5", "10.3.0.6"]);
  const before = await dump(store);
  expect((await refusal(addPort(store, 30, 11))).code).toBe("MODEL__ADDRESSES_EXHAUSTED");
  expect(await dump(store)).toEqual(before);
});

test.each([
  ["an unknown network", { networkId: uuid(99) }, "MODEL__NOT_FOUND"],
  ["an id twice", { id: uuid(3) }, "MODEL__ALREADY_EXISTS"],
  ["a MAC address twice in its network", { macAddress: parseMac("02:00:00:00:00:03") }, "MODEL__MAC_IN_USE"],
  ["a group MAC address", { macAddress: parseMac("01:00:5e:00:00:01") }, "MODEL__INVALID_MAC"],
  ["the MAC address of all zeros", { macAddress: parseMac("00:00:00:00:00:00") }, "MODEL__INVALID_MAC"],
  ["an address of another port", { fixedIps: [{ ipAddress: parseIpv4("10.1.0.2") }] }, "MODEL__ADDRESS_IN_USE"],
  [
    "the same address twice",
    { fixedIps: [5, 5].map((host) => ({ ipAddress: parseIpv4(`10.1.0.${host}`) })) },
    "MODEL__ADDRESS_IN_USE",
  ],
  ["an address of no subnet", { fixedIps: [{ ipAddress: parseIpv4("10.9.0.2") }] }, "MODEL__INVALID_ADDRESS"],
  [
    "an address outside of its subnet",
    { fixedIps: [{ subnetId: uuid(2), ipAddress: parseIpv4("10.9.0.2") }] },
    "MODEL__INVALID_ADDRESS",
  ],
  ["the gateway's address", { fixedIps: [{ ipAddress: parseIpv4("10.1.0.1") }] }, "MODEL__INVALID_ADDRESS"],
  [
    "the network address",
    { fixedIps: [{ subnetId: uuid(2), ipAddress: parseIpv4("10.1.0.0") }] },
    "MODEL__INVALID_ADDRESS",
  ],
  [
    "the broadcast address",
    { fixedIps: [{ subnetId: uuid(2), ipAddress: parseIpv4("10.1.0.255") }] },
    "MODEL__INVALID_ADDRESS",
  ],
  [
    "a subnet of another network",
    { networkId: uuid(11), fixedIps: [{ subnetId: uuid(2) }] },
    "MODEL__SUBNET_NOT_ON_NETWORK",
  ],
  ["an unknown subnet", { fixedIps: [{ subnetId: uuid(99) }] }, "MODEL__SUBNET_NOT_ON_NETWORK"],
])("a port with %s is refused and nothing changes", async (_, given, code) => {
  await using store = await twoNetworks();
  await addPort(store, 3, 1);
  const before = await dump(store);
  expect((await refusal(addPort(store, 4, 1, given))).code).toBe(code);
  expect(await dump(store)).toEqual(before);
});

test("a MAC address may occur in two networks", async () => {
  await using store = await twoNetworks();
  const macAddress = parseMac("02:00:00:00:00:aa");
  await addPort(store, 3, 1, { macAddress });
  expect(await addPort(store, 4, 11, { macAddress })).toMatchObject({ macAddress });
});

test("of two that want one address at the same time, one gets it", async () => {
  await using store = await twoNetworks();
  const fixedIps = [{ ipAddress: parseIpv4("10.1.0.7") }];
  const results = await Promise.allSettled([addPort(store, 3, 1, { fixedIps }), addPort(store, 4, 1, { fixedIps })]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(await listPorts(store.db)).toHaveLength(1);
});

test("a router's port may have the gateway's address, as long as it is a router's", async () => {
  await using store = await twoNetworks();
  const fixedIps = [{ ipAddress: parseIpv4("10.1.0.1") }];
  expect(addresses(await addPort(store, 3, 1, { fixedIps, deviceOwner: "network:router_interface" }))).toEqual([
    "10.1.0.1",
  ]);
  const before = await dump(store);
  const refused = await refusal(store.transact((tx) => updatePort(tx, uuid(3), { deviceOwner: "compute:x" })));
  expect(refused.code).toBe("MODEL__INVALID_ADDRESS");
  expect(await dump(store)).toEqual(before);
});

test("an update changes what it names and keeps an address where only its subnet is asked for", async () => {
  await using store = await twoNetworks();
  await addPort(store, 3, 1);
  const kept = await addPort(store, 4, 1);
  await store.transact((tx) => deletePort(tx, uuid(3)));
  const macAddress = parseMac("02:00:00:00:00:bb");
  const fixedIps = [{ subnetId: uuid(2) }, { ipAddress: parseIpv4("10.1.0.50") }];
  const { result } = await store.transact((tx) =>
    updatePort(tx, uuid(4), { name: "new", macAddress, deviceId: "vm", fixedIps }),
  );
  expect(addresses(kept)).toEqual(["10.1.0.3"]);
  expect(addresses(result)).toEqual(["10.1.0.3", "10.1.0.50"]);
  expect(result).toMatchObject({ name: "new", macAddress, deviceId: "vm", revision: 7 });
  expect(await getPort(store.db, uuid(4))).toEqual(result);
});

test("an update to a MAC or IP address that is used is refused and nothing changes", async () => {
  await using store = await twoNetworks();
  await addPort(store, 3, 1);
  await addPort(store, 4, 1);
  const before = await dump(store);
  const macAddress = parseMac("02:00:00:00:00:03");
  expect((await refusal(store.transact((tx) => updatePort(tx, uuid(4), { macAddress })))).code).toBe(
    "MODEL__MAC_IN_USE",
  );
  const fixedIps = [{ ipAddress: parseIpv4("10.1.0.2") }];
  expect((await refusal(store.transact((tx) => updatePort(tx, uuid(4), { fixedIps })))).code).toBe(
    "MODEL__ADDRESS_IN_USE",
  );
  expect(await dump(store)).toEqual(before);
});

test("a port that isn't there can't be read, updated or deleted", async () => {
  await using store = await twoNetworks();
  for (const work of [
    () => getPort(store.db, uuid(3)),
    () => store.transact((tx) => updatePort(tx, uuid(3), {})),
    () => store.transact((tx) => deletePort(tx, uuid(3))),
  ]) {
    expect(await refusal(work())).toMatchObject({
      code: "MODEL__NOT_FOUND",
      context: { resource: "port", id: uuid(3) },
    });
  }
});

test("a port that doesn't say has the port security of its network", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1, { portSecurityEnabled: false });
  expect(await addPort(store, 2, 1)).toMatchObject({ portSecurityEnabled: false });
  expect(await addPort(store, 3, 1, { portSecurityEnabled: true })).toMatchObject({ portSecurityEnabled: true });
});

test("what a client notes of a port's host is kept as it is", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const noted = { hostId: "compute-1", bindingProfile: '{"a":1}' };
  expect(await addPort(store, 2, 1, noted)).toMatchObject(noted);
  await store.transact((tx) => updatePort(tx, uuid(2), { hostId: "compute-2" }));
  expect(await getPort(store.db, uuid(2))).toMatchObject({ ...noted, hostId: "compute-2" });
});
