import { type Ip, parseIp, parseMac } from "@loomstack/core";
import { expect, test } from "vitest";
import { getPort, updatePort } from "./port.ts";
import type { Commit, Store } from "./store.ts";
import { addNetwork, addPort, addSubnet, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";
import { deleteSubnet, updateSubnet } from "./subnet-changes.ts";
import { getSubnet, type NewSubnet } from "./subnet.ts";

const slaac = { cidr: "2001:db8::/64", gatewayIp: null, ipv6RaMode: "slaac", ipv6AddressMode: "slaac" } as const;

/** Network 1 with the subnets 2 (10.1.0.0/24) and 4 (2001:db8::/64, SLAAC). */
async function withSlaac(given: Partial<NewSubnet> = {}): Promise<Store> {
  const store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  await addSubnet(store, 4, 1, { ...slaac, ...given });
  return store;
}

const addresses = (port: { readonly fixedIps: readonly { readonly ipAddress: Ip }[] }): string[] =>
  port.fixedIps.map(({ ipAddress }) => ipAddress);
const automatic = (number: number): string => `2001:db8::ff:fe00:${number.toString(16)}`;

test.each([
  ["IPv4 addresses", { cidr: "10.2.0.0/24" }],
  ["DHCP disabled", { enableDhcp: false }],
  ["two different modes", { ipv6AddressMode: "dhcpv6-stateful" }],
  ["a prefix that is no /64", { cidr: "2001:db8::/80" }],
] as const)("modes of a subnet with %s are refused and nothing changes", async (_, given) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const before = await dump(store);
  expect((await refusal(addSubnet(store, 2, 1, { ...slaac, ...given }))).code).toBe("MODEL__INVALID_IPV6_MODE");
  expect(await dump(store)).toEqual(before);
});

test("a subnet with modes keeps DHCP enabled", async () => {
  await using store = await withSlaac();
  const change = store.transact((tx) => updateSubnet(tx, uuid(4), { enableDhcp: false }));
  expect((await refusal(change)).code).toBe("MODEL__INVALID_IPV6_MODE");
  expect((await getSubnet(store.db, uuid(4))).enableDhcp).toBe(true);
});

test.each([
  ["six", ["1", "2", "3", "4", "5", "6"].map((last) => `2001:db8::${last}`)],
  ["the same one twice", ["2001:db8::1", "2001:db8::1"]],
  ["one of the other version", ["192.0.2.53"]],
])("a subnet with %s as name servers is refused", async (_, given) => {
  await using store = await withSlaac();
  const dnsNameservers = given.map((one) => parseIp(one));
  const change = store.transact((tx) => updateSubnet(tx, uuid(4), { dnsNameservers }));
  expect((await refusal(change)).code).toBe("MODEL__INVALID_NAMESERVER");
});

test.each(["slaac", "dhcpv6-stateless"] as const)(
  "a port of a %s subnet has the address of its MAC address, whatever else it asks for",
  async (mode) => {
    await using store = await withSlaac({ ipv6RaMode: mode, ipv6AddressMode: null });
    expect(addresses(await addPort(store, 11, 1))).toEqual(["10.1.0.2", automatic(11)]);
    const named = [{ ipAddress: parseIp("10.1.0.9") }];
    expect(addresses(await addPort(store, 12, 1, { fixedIps: named }))).toEqual(["10.1.0.9", automatic(12)]);
    const twice = [{ subnetId: uuid(4) }, { ipAddress: parseIp(automatic(13)) }];
    expect(addresses(await addPort(store, 13, 1, { fixedIps: twice }))).toEqual([automatic(13)]);
    const other = addPort(store, 14, 1, { fixedIps: [{ ipAddress: parseIp("2001:db8::14") }] });
    expect((await refusal(other)).code).toBe("MODEL__INVALID_ADDRESS");
  },
);

test("a stateful subnet gives out its addresses one after another", async () => {
  await using store = await withSlaac({ ipv6RaMode: "dhcpv6-stateful", ipv6AddressMode: "dhcpv6-stateful" });
  expect(addresses(await addPort(store, 11, 1))).toEqual(["10.1.0.2", "2001:db8::1"]);
});

test("a router's port has the address that it asks for", async () => {
  await using store = await withSlaac({ gatewayIp: parseIp("2001:db8::1") });
  const router = { deviceOwner: "network:router_interface", fixedIps: [{ ipAddress: parseIp("2001:db8::1") }] };
  expect(addresses(await addPort(store, 11, 1, router))).toEqual(["2001:db8::1"]);
});

test("a port with another MAC address has another automatic address, and keeps its others", async () => {
  await using store = await withSlaac();
  await addPort(store, 11, 1, { fixedIps: [{ ipAddress: parseIp("10.1.0.9") }] });
  const macAddress = parseMac("02:00:00:00:00:99");
  const { result } = await store.transact((tx) => updatePort(tx, uuid(11), { macAddress }));
  expect(addresses(result)).toEqual(["10.1.0.9", automatic(0x99)]);
  expect(await getPort(store.db, uuid(11))).toEqual(result);
});

test("ports that are there get their address with the subnet, and lose it with the subnet", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  const before = await addPort(store, 11, 1);
  const commits: Commit[] = [];
  store.commits.add((commit) => commits.push(commit));
  await addSubnet(store, 4, 1, slaac);
  const after = await getPort(store.db, uuid(11));
  expect(addresses(after)).toEqual(["10.1.0.2", automatic(11)]);
  expect(after.revision).toBe(commits[0]?.revision);
  expect(commits[0]?.changes).toMatchObject([{ resource: "subnet" }, { resource: "port", before, after }]);
  await store.transact((tx) => deleteSubnet(tx, uuid(4)));
  expect(addresses(await getPort(store.db, uuid(11)))).toEqual(["10.1.0.2"]);
});

test("a subnet with automatic addresses isn't deleted while a router has an address of it", async () => {
  await using store = await withSlaac();
  await addPort(store, 11, 1);
  const router = { deviceOwner: "network:router_interface", fixedIps: [{ ipAddress: parseIp("2001:db8::1") }] };
  await addPort(store, 12, 1, router);
  const before = await dump(store);
  expect((await refusal(store.transact((tx) => deleteSubnet(tx, uuid(4))))).code).toBe("MODEL__IN_USE");
  expect(await dump(store)).toEqual(before);
});
