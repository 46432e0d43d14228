import { parseIp, parseIpv4 } from "@loomstack/core";
import { expect, test } from "vitest";
import { addNetwork, addPort, addSubnet, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";
import { deleteSubnet, updateSubnet } from "./subnet-changes.ts";
import { getSubnet, listSubnets } from "./subnet.ts";

test("a subnet is stored and read back as it was given", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const subnet = await addSubnet(store, 2, 1, { name: "blue", gatewayIp: null, enableDhcp: false });
  expect(subnet).toMatchObject({
    id: uuid(2),
    networkId: uuid(1),
    name: "blue",
    tenantId: "t",
    cidr: "10.1.0.0/24",
    gatewayIp: null,
    enableDhcp: false,
    ipv6RaMode: null,
    ipv6AddressMode: null,
    dnsNameservers: [],
    hostRoutes: [],
    revision: 2,
  });
  expect(await getSubnet(store.db, uuid(2))).toEqual(subnet);
  expect(await listSubnets(store.db, uuid(1))).toEqual([subnet]);
  expect(await listSubnets(store.db, uuid(9))).toEqual([]);
});

test.each([
  ["host bits", { cidr: "10.1.0.1/24" }, "CORE__INVALID_PREFIX"],
  ["a prefix without a host", { cidr: "10.1.0.0/31", gatewayIp: null }, "MODEL__CIDR_TOO_SMALL"],
  ["a gateway elsewhere", { gatewayIp: parseIpv4("10.2.0.1") }, "MODEL__INVALID_GATEWAY"],
  ["the network address as gateway", { gatewayIp: parseIpv4("10.1.0.0") }, "MODEL__INVALID_GATEWAY"],
  ["the broadcast address as gateway", { gatewayIp: parseIpv4("10.1.0.255") }, "MODEL__INVALID_GATEWAY"],
  ["an IPv6 prefix without a host", { cidr: "2001:db8::/127", gatewayIp: null }, "MODEL__CIDR_TOO_SMALL"],
  ["a multicast prefix", { cidr: "ff05::/64", gatewayIp: null }, "MODEL__INVALID_CIDR"],
  ["the link-local prefix", { cidr: "fe80::/64", gatewayIp: null }, "MODEL__INVALID_CIDR"],
  ["IPv4 addresses in IPv6", { cidr: "::ffff:0:0/96", gatewayIp: null }, "MODEL__INVALID_CIDR"],
  [
    "a gateway of the other version",
    { cidr: "2001:db8::/64", gatewayIp: parseIp("10.1.0.1") },
    "MODEL__INVALID_GATEWAY",
  ],
  ["a link-local gateway for IPv4", { gatewayIp: parseIp("fe80::1") }, "MODEL__INVALID_GATEWAY"],
  [
    "the routers' anycast address as gateway",
    { cidr: "2001:db8::/64", gatewayIp: parseIp("2001:db8::") },
    "MODEL__INVALID_GATEWAY",
  ],
  ["an unknown network", { networkId: uuid(9) }, "MODEL__NOT_FOUND"],
  ["the prefix of another subnet", {}, "MODEL__CIDR_OVERLAP"],
  ["a prefix inside another subnet", { cidr: "10.1.0.0/28" }, "MODEL__CIDR_OVERLAP"],
  ["a prefix around another subnet", { cidr: "10.0.0.0/8" }, "MODEL__CIDR_OVERLAP"],
  ["an id twice", { id: uuid(2), cidr: "10.9.0.0/24", gatewayIp: null }, "MODEL__ALREADY_EXISTS"],
])("a subnet with %s is refused and nothing changes", async (_, given, code) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  const before = await dump(store);
  expect((await refusal(addSubnet(store, 3, 1, given))).code).toBe(code);
  expect(await dump(store)).toEqual(before);
});

test("two networks may have the same addresses", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addNetwork(store, 2);
  await addSubnet(store, 3, 1);
  await addSubnet(store, 4, 2);
  const one = await addPort(store, 5, 1);
  const other = await addPort(store, 6, 2);
  expect(one.fixedIps[0]?.ipAddress).toBe("10.1.0.2");
  expect(other.fixedIps[0]?.ipAddress).toBe("10.1.0.2");
});

test("a subnet whose address a port has can't be deleted", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  await addPort(store, 3, 1);
  const before = await dump(store);
  expect((await refusal(store.transact((tx) => deleteSubnet(tx, uuid(2))))).code).toBe("MODEL__IN_USE");
  expect(await dump(store)).toEqual(before);
});

test("a gateway that is given up is the next address to be given out, and a new one isn't given out", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  expect((await addPort(store, 3, 1)).fixedIps[0]?.ipAddress).toBe("10.1.0.2");
  await store.transact((tx) => updateSubnet(tx, uuid(2), { gatewayIp: parseIpv4("10.1.0.3") }));
  expect((await addPort(store, 4, 1)).fixedIps[0]?.ipAddress).toBe("10.1.0.1");
  expect((await addPort(store, 5, 1)).fixedIps[0]?.ipAddress).toBe("10.1.0.4");
});

test("the address of a guest's port can't become the gateway, and that of a router's port can", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1, { gatewayIp: null });
  const guest = parseIpv4("10.1.0.5");
  const router = parseIpv4("10.1.0.6");
  await addPort(store, 3, 1, { fixedIps: [{ ipAddress: guest }] });
  await addPort(store, 4, 1, { fixedIps: [{ ipAddress: router }], deviceOwner: "network:router_interface" });
  const refused = await refusal(store.transact((tx) => updateSubnet(tx, uuid(2), { gatewayIp: guest })));
  expect(refused.code).toBe("MODEL__INVALID_GATEWAY");
  const { result } = await store.transact((tx) => updateSubnet(tx, uuid(2), { gatewayIp: router }));
  expect(result.gatewayIp).toBe(router);
});

test.each(["2001:db8::1", "fe80::1", null])("an IPv6 subnet is stored with the gateway %s", async (gateway) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  const gatewayIp = gateway === null ? null : parseIp(gateway);
  const subnet = await addSubnet(store, 3, 1, { cidr: "2001:db8::/64", gatewayIp });
  expect(await getSubnet(store.db, uuid(3))).toEqual(subnet);
  expect(subnet).toMatchObject({ cidr: "2001:db8::/64", gatewayIp });
});

test("a network whose MTU is too small for IPv6 takes no IPv6 subnet", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1, { mtu: 1279 });
  await addSubnet(store, 2, 1);
  const before = await dump(store);
  const refused = await refusal(addSubnet(store, 3, 1, { cidr: "2001:db8::/64", gatewayIp: null }));
  expect(refused).toMatchObject({ code: "MODEL__INVALID_MTU", context: { mtu: 1279, reason: "IPv6 needs 1280" } });
  expect(await dump(store)).toEqual(before);
});
