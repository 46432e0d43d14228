import { expect, test } from "vitest";
import { neutron, type OdlUnderTest, odlUnderTest, uuid } from "../odl-under-test.ts";

const url = `${neutron}/subnets`;

async function withNetwork(): Promise<OdlUnderTest> {
  const odl = await odlUnderTest();
  await odl.call("POST", `${neutron}/networks`, { network: { id: uuid(1) } });
  return odl;
}

const subnet = { id: uuid(2), network_id: uuid(1), cidr: "10.1.0.0/24" };

test("a subnet is made with the first address as gateway and everything else to give out, and shows in its network", async () => {
  await using odl = await withNetwork();
  const answer = await odl.call("POST", url, { subnet });
  const made = {
    ...subnet,
    name: "",
    tenant_id: "",
    ip_version: 4,
    gateway_ip: "10.1.0.1",
    enable_dhcp: true,
    allocation_pools: [{ start: "10.1.0.2", end: "10.1.0.254" }],
    dns_nameservers: [],
    host_routes: [],
  };
  expect([answer.status, answer.body]).toEqual([201, { subnet: made }]);
  expect((await odl.call("GET", `${url}/${uuid(2)}`)).body).toEqual({ subnet: made });
  expect((await odl.call("GET", `${url}?network_id=${uuid(1)}`)).body).toEqual({ subnets: [made] });
  expect((await odl.call("GET", `${url}?network_id=${uuid(9)}`)).body).toEqual({ subnets: [] });
  expect((await odl.call("GET", `${neutron}/networks`)).body).toMatchObject({ networks: [{ subnets: [uuid(2)] }] });
});

test("IPv6 is refused where the underlay leaves less than it needs, and nothing is made", async () => {
  await using odl = await odlUnderTest({ underlayMtu: 1_300 });
  await odl.call("POST", `${neutron}/networks`, { network: { id: uuid(1), "provider:network_type": "vxlan" } });
  const before = await odl.dump();
  const ipv6 = { id: uuid(3), network_id: uuid(1), ip_version: 6, cidr: "2001:db8::/64" };
  const refused = await odl.call("POST", url, { subnet: ipv6 });
  expect(refused.status).toBe(400);
  expect(JSON.stringify(refused.body)).toContain("IPv6 needs 1280, and vxlan over this underlay leaves at most 1250");
  expect(await odl.dump()).toEqual(before);
  expect((await odl.call("POST", url, { subnet })).status).toBe(201);
});

test("the gateway can be another address, or none", async () => {
  await using odl = await withNetwork();
  const inside = await odl.call("POST", url, { subnet: { ...subnet, gateway_ip: "10.1.0.9" } });
  const pools = [
    { start: "10.1.0.1", end: "10.1.0.8" },
    { start: "10.1.0.10", end: "10.1.0.254" },
  ];
  expect(inside.body).toMatchObject({ subnet: { gateway_ip: "10.1.0.9", allocation_pools: pools } });
  const none = await odl.call("POST", url, {
    subnet: { ...subnet, id: uuid(3), cidr: "10.2.0.0/30", gateway_ip: null },
  });
  expect(none.body).toMatchObject({
    subnet: { gateway_ip: null, allocation_pools: [{ start: "10.2.0.1", end: "10.2.0.2" }] },
  });
});

test("routes are told back as they were given, and are changed as a whole", async () => {
  await using odl = await odlUnderTest();
  await odl.call("POST", `${neutron}/networks`, { network: { id: uuid(1) } });
  const host_routes = [{ destination: "10.9.0.0/16", nexthop: "10.1.0.7" }];
  const subnet = { id: uuid(2), network_id: uuid(1), cidr: "10.1.0.0/24", host_routes };
  const path = `${neutron}/subnets`;
  expect(await odl.call("POST", path, { subnet })).toMatchObject({ status: 201, body: { subnet: { host_routes } } });
  const put = (change: object) => odl.call("PUT", `${path}/${uuid(2)}`, { subnet: change });
  expect(await put({ name: "n" })).toMatchObject({ status: 200, body: { subnet: { host_routes } } });
  expect(await put({ host_routes: [] })).toMatchObject({ status: 200, body: { subnet: { host_routes: [] } } });
});

test.each([
  ["an unknown network", { network_id: uuid(9) }, 404],
  ["host bits", { cidr: "10.1.0.1/24" }, 400],
  ["no prefix", { cidr: undefined }, 400],
  ["a prefix of another version", { cidr: "2001:db8::/64", ip_version: 4 }, 400],
  ["a version that there isn't", { ip_version: 5 }, 400],
  ["a gateway of another version", { cidr: "2001:db8::/64", ip_version: 6, gateway_ip: "10.1.0.1" }, 400],
  ["an address mode for IPv4", { cidr: "10.2.0.0/24", ipv6_address_mode: "slaac" }, 400],
  ["a mode that there isn't", { cidr: "2001:db8::/64", ip_version: 6, ipv6_ra_mode: "stateful" }, 400],
  ["two modes", { cidr: "2001:db8::/64", ipv6_ra_mode: "slaac", ipv6_address_mode: "dhcpv6-stateful" }, 400],
  ["a gateway elsewhere", { gateway_ip: "192.0.2.1" }, 400],
  ["a pool outside", { cidr: "10.2.0.0/24", allocation_pools: [{ start: "10.1.0.2", end: "10.1.0.3" }] }, 400],
  ["a pool that ends nowhere", { cidr: "10.2.0.0/24", allocation_pools: [{ start: "10.2.0.2" }] }, 400],
  ["a pool of the gateway", { cidr: "10.2.0.0/24", allocation_pools: [{ start: "10.2.0.1", end: "10.2.0.9" }] }, 409],
  ["a name server of the other version", { cidr: "10.2.0.0/24", dns_nameservers: ["2001:db8::53"] }, 400],
  ["the same name server twice", { cidr: "10.2.0.0/24", dns_nameservers: ["192.0.2.53", "192.0.2.53"] }, 400],
  ["a route without a next hop", { host_routes: [{ destination: "10.9.0.0/16" }] }, 400],
  ["a route of IPv6", { host_routes: [{ destination: "2001:db8::/32", nexthop: "10.1.0.1" }] }, 400],
  ["the prefix of another subnet", {}, 400],
  ["an id that is there already", { id: uuid(2), cidr: "10.5.0.0/24" }, 400],
])("a POST with %s changes nothing", async (_, given, status) => {
  await using odl = await withNetwork();
  await odl.call("POST", url, { subnet });
  const before = await odl.dump();
  expect((await odl.call("POST", url, { subnet: { ...subnet, id: uuid(3), ...given } })).status).toBe(status);
  expect(await odl.dump()).toEqual(before);
});

test("a subnet is changed by what a PUT names, and not in what it is", async () => {
  await using odl = await withNetwork();
  await odl.call("POST", url, { subnet });
  const answer = await odl.call("PUT", `${url}/${uuid(2)}`, {
    subnet: { name: "n", gateway_ip: null, enable_dhcp: false },
  });
  expect(answer).toMatchObject({
    status: 200,
    body: { subnet: { name: "n", gateway_ip: null, enable_dhcp: false, cidr: "10.1.0.0/24" } },
  });
  const before = await odl.dump();
  for (const given of [{ id: uuid(3) }, { tenant_id: "t" }, { ip_version: 4 }, { cidr: "10.2.0.0/24" }]) {
    expect((await odl.call("PUT", `${url}/${uuid(2)}`, { subnet: given })).status).toBe(400);
  }
  expect(await odl.dump()).toEqual(before);
});

test("a subnet gives out the addresses of its pools, which can be changed", async () => {
  await using odl = await withNetwork();
  const allocation_pools = [{ start: "10.1.0.20", end: "10.1.0.29" }];
  const made = await odl.call("POST", url, { subnet: { ...subnet, allocation_pools } });
  expect(made).toMatchObject({ status: 201, body: { subnet: { allocation_pools } } });
  const others = [{ start: "10.1.0.30", end: "10.1.0.31" }];
  const put = await odl.call("PUT", `${url}/${uuid(2)}`, { subnet: { allocation_pools: others } });
  expect(put).toMatchObject({ status: 200, body: { subnet: { allocation_pools: others } } });
});

test("a subnet is deleted once", async () => {
  await using odl = await withNetwork();
  await odl.call("POST", url, { subnet });
  expect((await odl.call("DELETE", `${url}/${uuid(2)}`)).status).toBe(204);
  expect((await odl.call("DELETE", `${url}/${uuid(2)}`)).status).toBe(404);
});

test("an IPv6 subnet has its first address as gateway, and all others but the routers' anycast address to give out", async () => {
  await using odl = await withNetwork();
  const given = { ...subnet, cidr: "2001:DB8:0::/64", ip_version: 6 };
  const answer = await odl.call("POST", url, { subnet: given });
  const allocation_pools = [{ start: "2001:db8::2", end: "2001:db8::ffff:ffff:ffff:ffff" }];
  const made = { cidr: "2001:db8::/64", ip_version: 6, gateway_ip: "2001:db8::1", allocation_pools };
  expect(answer).toMatchObject({ status: 201, body: { subnet: made } });
  const routed = { ...given, id: uuid(3), cidr: "2001:db8:1::/64", gateway_ip: "fe80::1" };
  expect((await odl.call("POST", url, { subnet: routed })).body).toMatchObject({
    subnet: { gateway_ip: "fe80::1", allocation_pools: [{ start: "2001:db8:1::1" }] },
  });
  expect((await odl.call("GET", `${url}?ip_version=6&fields=id`)).body).toEqual({
    subnets: [{ id: uuid(2) }, { id: uuid(3) }],
  });
});

test("an IPv6 subnet says how guests configure themselves, and only their resolvers change", async () => {
  await using odl = await withNetwork();
  const modes = { ipv6_ra_mode: "slaac", ipv6_address_mode: "slaac" };
  const given = { ...subnet, cidr: "2001:db8::/64", ...modes, dns_nameservers: ["2001:db8::53", "2001:db8::54"] };
  const answer = await odl.call("POST", url, { subnet: given });
  expect(answer).toMatchObject({ status: 201, body: { subnet: given } });
  const fewer = await odl.call("PUT", `${url}/${uuid(2)}`, { subnet: { dns_nameservers: null } });
  expect(fewer.body).toMatchObject({ subnet: { dns_nameservers: [], ...modes } });
  for (const change of [{ ipv6_ra_mode: null }, { ipv6_address_mode: "dhcpv6-stateless" }, { enable_dhcp: false }])
    expect((await odl.call("PUT", `${url}/${uuid(2)}`, { subnet: change })).status).toBe(400);
});
