import { afterEach, beforeEach, expect, test } from "vitest";
import { blue, fault, NeutronUnderTest, uuid } from "../neutron-under-test.ts";

let neutron: NeutronUnderTest;
let network: string;

beforeEach(async () => {
  neutron = await NeutronUnderTest.start();
  network = (await neutron.make("network", { name: "net" }, { as: "alice" })).id;
});
afterEach(() => neutron[Symbol.asyncDispose]());

const prefix = { ip_version: 4, cidr: "10.1.0.0/24" };

test("a subnet is made with Neutron's defaults, and shown with all that it has", async () => {
  const made = await neutron.make("subnet", { network_id: network, ...prefix }, { as: "alice" });
  expect(made).toEqual({
    id: expect.any(String) as unknown,
    ...{ name: "", description: "", tenant_id: blue, project_id: blue, network_id: network, tags: [] },
    ...{ created_at: expect.any(String) as unknown, updated_at: expect.any(String) as unknown },
    ...{ revision_number: 2, ip_version: 4, cidr: "10.1.0.0/24", gateway_ip: "10.1.0.1", enable_dhcp: true },
    ...{ allocation_pools: [{ start: "10.1.0.2", end: "10.1.0.254" }], dns_nameservers: [], host_routes: [] },
    ...{ ipv6_ra_mode: null, ipv6_address_mode: null, subnetpool_id: null },
  });
  expect(await neutron.show(`/networks/${network}`)).toMatchObject({ subnets: [made.id] });
});

test("all of a subnet can be said, and most of it changed", async () => {
  const given = {
    ...{ name: "s", enable_dhcp: false, gateway_ip: null, dns_nameservers: ["192.0.2.53"] },
    allocation_pools: [{ start: "10.1.0.10", end: "10.1.0.19" }],
    host_routes: [{ destination: "10.9.0.0/16", nexthop: "10.1.0.9" }],
  };
  const { id } = await neutron.make("subnet", { network_id: network, ...prefix, ...given });
  expect(await neutron.show(`/subnets/${id}`)).toMatchObject(given);
  const change = {
    ...{ name: "t", enable_dhcp: true, gateway_ip: "10.1.0.1", dns_nameservers: [], host_routes: [] },
    allocation_pools: [{ start: "10.1.0.20", end: "10.1.0.29" }],
  };
  const answer = await neutron.call("PUT", `/subnets/${id}`, { subnet: change });
  expect(answer).toMatchObject({ status: 200, body: { subnet: change } });
});

test("a subnet of IPv6 has modes", async () => {
  const modes = { ipv6_ra_mode: "slaac", ipv6_address_mode: "slaac" };
  const made = await neutron.make("subnet", { network_id: network, ip_version: 6, cidr: "2001:db8::/64", ...modes });
  expect(made).toMatchObject({ ...modes, gateway_ip: "2001:db8::1" });
});

test.each([
  ["no network", { network_id: undefined }, 400, "HTTPBadRequest", /Required attribute 'network_id' not specified/],
  ["a network that there isn't", { network_id: uuid(9) }, 404, "NetworkNotFound", undefined],
  ["no version of IP", { ip_version: undefined }, 400, "HTTPBadRequest", /Required attribute 'ip_version'/],
  ["another version of IP", { ip_version: 6 }, 400, "InvalidInput", /does not match the ip_version/],
  ["no prefix and no pool", { cidr: undefined }, 400, "HTTPBadRequest", /a subnetpool must be specified/],
  ["a prefix and a length", { prefixlen: 24 }, 400, "HTTPBadRequest", /must not be supplied together/],
  ["a prefix that is none", { cidr: "10.1.0.0/99" }, 400, "HTTPBadRequest", /^Invalid input for cidr\. Reason: /],
  ["a prefix that is taken", {}, 400, "InvalidInput", /overlaps/],
  ["a gateway elsewhere", { cidr: "10.2.0.0/24", gateway_ip: "10.3.0.1" }, 400, "InvalidInput", undefined],
  [
    "a pool with the gateway",
    { cidr: "10.2.0.0/24", allocation_pools: [{ start: "10.2.0.1", end: "10.2.0.2" }] },
    ...([409, "GatewayConflictWithAllocationPools", /^Gateway ip 10\.2\.0\.1 conflicts/] as const),
  ],
  [
    "a pool elsewhere",
    { cidr: "10.2.0.0/24", allocation_pools: [{ start: "10.3.0.1", end: "10.3.0.2" }] },
    ...([400, "InvalidAllocationPool", undefined] as const),
  ],
  ["no pool at all", { cidr: "10.2.0.0/24", allocation_pools: [] }, 400, "HTTPBadRequest", /allocation_pools/],
  ["what we don't know", { cidr: "10.2.0.0/24", service_types: [] }, 400, "HTTPBadRequest", /Unrecognized/],
] as const)("a POST with %s changes nothing", async (_, given, status, type, message) => {
  await neutron.make("subnet", { network_id: network, ...prefix });
  const before = await neutron.dump();
  const answer = await neutron.call("POST", "/subnets", { subnet: { network_id: network, ...prefix, ...given } });
  expect(answer).toMatchObject({ status, body: fault(type, message) });
  expect(await neutron.dump()).toEqual(before);
});

test("subnets are for the owner of their network to make, whoever shares it", async () => {
  const shared = await neutron.make("network", { shared: true });
  const subnet = { network_id: shared.id, ...prefix };
  const refused = await neutron.call("POST", "/subnets", { subnet }, { as: "bob" });
  expect(refused).toMatchObject({ status: 403, body: fault("PolicyNotAuthorized", /create_subnet/) });
  const unseen = await neutron.call("POST", "/subnets", { subnet: { network_id: network, ...prefix } }, { as: "bob" });
  expect(unseen).toMatchObject({ status: 404, body: fault("NetworkNotFound") });
  await neutron.make("subnet", subnet);
  expect(await neutron.names("/subnets", { as: "bob" })).toHaveLength(1);
  expect(await neutron.names("/subnets?shared=True", { as: "bob" })).toHaveLength(1);
  expect(await neutron.names("/subnets?shared=False", { as: "bob" })).toHaveLength(0);
});

test("a subnet with addresses of ports stays", async () => {
  const { id } = await neutron.make("subnet", { network_id: network, ...prefix });
  const port = await neutron.make("port", { network_id: network });
  const refused = await neutron.call("DELETE", `/subnets/${id}`);
  expect(refused).toMatchObject({ status: 409, body: fault("SubnetInUse") });
  await neutron.call("DELETE", `/ports/${port.id}`);
  expect((await neutron.call("DELETE", `/subnets/${id}`)).status).toBe(204);
});
