import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blue, fault, NeutronUnderTest, red, uuid } from "../neutron-under-test.ts";

let neutron: NeutronUnderTest;

beforeEach(async () => void (neutron = await NeutronUnderTest.start()));
afterEach(() => neutron[Symbol.asyncDispose]());

test("a network is made with Neutron's defaults, and shown with all that it has", async () => {
  const made = await neutron.make("network", { name: "net" });
  expect(made).toEqual({
    id: expect.stringMatching(/^[\da-f-]{36}$/) as unknown,
    name: "net",
    tenant_id: uuid(0xad),
    project_id: uuid(0xad),
    description: "",
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
    updated_at: expect.stringMatching(/Z$/) as unknown,
    revision_number: 1,
    tags: [],
    admin_state_up: true,
    status: "ACTIVE",
    shared: false,
    subnets: [],
    mtu: 1450,
    port_security_enabled: true,
    dns_domain: "",
    "provider:network_type": "vxlan",
    "provider:physical_network": null,
    "provider:segmentation_id": 1,
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    "loomstack:learn_addresses": true,
  });
  expect(await neutron.show(`/networks/${made.id}`)).toEqual(made);
  expect((await neutron.call("GET", "/networks")).body).toEqual({ networks: [made] });
});

test("a provider network is carried by what its administrator says", async () => {
  const provider = {
    "provider:network_type": "vlan",
    "provider:physical_network": "physnet1",
    "provider:segmentation_id": 100,
  };
  expect(await neutron.make("network", provider)).toMatchObject({ ...provider, mtu: 1500 });
  const second = await neutron.call("POST", "/networks", { network: provider });
  expect(second).toMatchObject({ status: 409, body: fault("VlanIdInUse") });
});

test("a network is changed by what a PUT names", async () => {
  const { id } = await neutron.make("network", { name: "net" });
  const changed = {
    ...{ name: "new", description: "ours", admin_state_up: false, mtu: 1400, port_security_enabled: false },
    ...{ dns_domain: "example.org.", shared: true },
  };
  const answer = await neutron.call("PUT", `/networks/${id}`, { network: changed });
  expect(answer).toMatchObject({ status: 200, body: { network: { ...changed, status: "DOWN", revision_number: 2 } } });
  const larger = await neutron.call("PUT", `/networks/${id}`, { network: { mtu: 9_000 } });
  expect(larger).toMatchObject({ status: 400, body: fault("InvalidInput") });
  expect(await neutron.show(`/networks/${id}`)).toMatchObject({ mtu: 1400 });
});

test("a network with ports stays, and goes with its subnets otherwise", async () => {
  const { id } = await neutron.make("network", {});
  await neutron.make("subnet", { network_id: id, ip_version: 4, cidr: "10.1.0.0/24" });
  const port = await neutron.make("port", { network_id: id });
  const refused = await neutron.call("DELETE", `/networks/${id}`);
  expect(refused).toMatchObject({ status: 409, body: fault("NetworkInUse", new RegExp(`port ${port.id}`)) });
  await neutron.call("DELETE", `/ports/${port.id}`);
  expect(await neutron.call("DELETE", `/networks/${id}`)).toMatchObject({ status: 204, body: "" });
  expect(await neutron.call("GET", `/networks/${id}`)).toMatchObject({
    status: 404,
    body: fault("NetworkNotFound", new RegExp(`^Network ${id} could not be found\\.$`)),
  });
});

describe("of a network of another project", () => {
  test("nothing is to be seen unless it is shared", async () => {
    const hidden = await neutron.make("network", { name: "hidden" }, { as: "alice" });
    const shared = await neutron.make("network", { name: "shared", shared: true });
    expect(await neutron.names("/networks", { as: "bob" })).toEqual(["shared"]);
    expect((await neutron.names("/networks")).toSorted()).toEqual(["hidden", "shared"]);
    for (const method of ["GET", "PUT", "DELETE"] as const) {
      const body = method === "PUT" ? { network: { name: "mine" } } : undefined;
      const answer = await neutron.call(method, `/networks/${hidden.id}`, body, { as: "bob" });
      expect(answer).toMatchObject({ status: 404, body: fault("NetworkNotFound") });
    }
    const change = await neutron.call("PUT", `/networks/${shared.id}`, { network: { name: "mine" } }, { as: "bob" });
    expect(change).toMatchObject({ status: 403, body: fault("PolicyNotAuthorized", /update_network/) });
    expect((await neutron.call("DELETE", `/networks/${shared.id}`, undefined, { as: "bob" })).status).toBe(403);
  });

  test("what carries it is for administrators alone", async () => {
    const { id } = await neutron.make("network", {}, { as: "alice" });
    const shown = await neutron.show(`/networks/${id}`, { as: "alice" });
    expect(Object.keys(shown).filter((name) => name.startsWith("provider:"))).toEqual([]);
    expect(await neutron.show(`/networks/${id}`)).toMatchObject({ tenant_id: blue });
  });
});

test.each([
  ["a network that all share", "alice", { shared: true }, /create_network:shared/],
  ["what carries it", "alice", { "provider:network_type": "gre" }, /create_network:provider:network_type/],
  ["another's network", "alice", { tenant_id: red }, /create_network:tenant_id/],
  ["anything, as a reader", "rita", {}, /create_network/],
] as const)("%s is for others to make", async (_, as, network, rule) => {
  const before = await neutron.dump();
  const answer = await neutron.call("POST", "/networks", { network }, { as });
  expect(answer).toMatchObject({ status: 403, body: fault("PolicyNotAuthorized", rule) });
  expect(await neutron.dump()).toEqual(before);
});

test("an administrator makes networks for others, by either name of a project", async () => {
  expect(await neutron.make("network", { tenant_id: red })).toMatchObject({ project_id: red });
  expect(await neutron.make("network", { project_id: blue })).toMatchObject({ tenant_id: blue });
  const both = await neutron.call("POST", "/networks", { network: { project_id: blue, tenant_id: red } });
  expect(both).toMatchObject({ status: 400, body: fault("HTTPBadRequest") });
});
