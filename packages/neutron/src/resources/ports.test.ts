import type { HypervisorStatus } from "@loomstack/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blue, fault, NeutronUnderTest, uuid } from "../neutron-under-test.ts";

let neutron: NeutronUnderTest;
let network: string;
let subnet: string;

beforeEach(async () => {
  neutron = await NeutronUnderTest.start();
  network = (await neutron.make("network", { name: "net" }, { as: "alice" })).id;
  const prefix = { ip_version: 4, cidr: "10.1.0.0/24" };
  subnet = (await neutron.make("subnet", { network_id: network, ...prefix }, { as: "alice" })).id;
});
afterEach(() => neutron[Symbol.asyncDispose]());

test("a port is made with Neutron's defaults, and shown with all that it has", async () => {
  expect(await neutron.make("port", { network_id: network, tenant_id: blue })).toEqual({
    id: expect.any(String) as unknown,
    ...{ name: "", description: "", tenant_id: blue, project_id: blue, network_id: network, tags: [] },
    ...{ created_at: expect.any(String) as unknown, updated_at: expect.any(String) as unknown },
    ...{ revision_number: 3, admin_state_up: true, status: "DOWN", device_id: "", device_owner: "" },
    "loomstack:status_reason": "no hypervisor has its interface",
    mac_address: expect.stringMatching(/^fa:16:3e(:[\da-f]{2}){3}$/) as unknown,
    fixed_ips: [{ subnet_id: subnet, ip_address: "10.1.0.2" }],
    ...{ port_security_enabled: true, allowed_address_pairs: [], dns_name: "" },
    dns_assignment: [{ ip_address: "10.1.0.2", hostname: "host-10-1-0-2", fqdn: "host-10-1-0-2.example.net." }],
    "binding:vnic_type": "normal",
    "binding:host_id": "",
    "binding:profile": {},
    "binding:vif_type": "unbound",
    "binding:vif_details": {},
  });
});

test("what a port says of itself can be said, and changed", async () => {
  const given = {
    ...{ name: "eth0", mac_address: "02:00:00:00:00:09", device_id: "vm", device_owner: "compute:nova" },
    fixed_ips: [{ subnet_id: subnet, ip_address: "10.1.0.9" }],
    ...{ admin_state_up: false, dns_name: "web" },
    allowed_address_pairs: [{ mac_address: "02:00:00:00:00:0a", ip_address: "10.1.0.0/28" }],
  };
  const { id } = await neutron.make("port", { network_id: network, ...given });
  const shown = { ...given, dns_assignment: [{ fqdn: "web.example.net." }] };
  expect(await neutron.show(`/ports/${id}`)).toMatchObject(shown);
  const change = {
    ...{ name: "eth1", mac_address: "02:00:00:00:00:0b", admin_state_up: true, dns_name: "" },
    ...{ allowed_address_pairs: [], port_security_enabled: false },
    fixed_ips: [{ subnet_id: subnet, ip_address: "10.1.0.10" }],
  };
  const answer = await neutron.call("PUT", `/ports/${id}`, { port: change });
  expect(answer).toMatchObject({ status: 200, body: { port: change } });
});

test("the status is what the hypervisors say", async () => {
  const { id } = await neutron.make("port", { network_id: network });
  neutron.statuses.set(id, { status: "ACTIVE", reason: "packets pass", hypervisor: "h" });
  expect(await neutron.show(`/ports/${id}`)).toMatchObject({
    status: "ACTIVE",
    "loomstack:status_reason": "packets pass",
  });
  expect((await neutron.call("GET", "/ports?status=ACTIVE&fields=id")).body).toEqual({ ports: [{ id }] });
  const refused = await neutron.call("PUT", `/ports/${id}`, { port: { status: "DOWN" } });
  expect(refused).toMatchObject({ status: 400, body: fault("HTTPBadRequest", /read-only attribute status/) });
});

test("a port that is to be plugged in on a hypervisor of ours says how", async () => {
  neutron.hypervisors = [{ node: { type: "OVS", id: "compute-1" }, systemId: "s1" } as unknown as HypervisorStatus];
  const bind = async (host: string): Promise<unknown> => {
    const binding = { "binding:host_id": host, "binding:profile": { os: "linux" } };
    return (await neutron.make("port", { network_id: network, ...binding }))["binding:vif_type"];
  };
  expect([await bind("compute-1"), await bind("s1"), await bind("other")]).toEqual(["ovs", "ovs", "binding_failed"]);
  const { ports } = (await neutron.call("GET", "/ports?binding:host_id=s1")).body as { ports: object[] };
  expect(ports).toMatchObject([
    { "binding:vif_details": { bridge_name: "br-int" }, "binding:profile": { os: "linux" } },
  ]);
  const sriov = await neutron.call("POST", "/ports", { port: { network_id: network, "binding:vnic_type": "direct" } });
  expect(sriov).toMatchObject({ status: 400, body: fault("HTTPBadRequest", /binding:vnic_type/) });
});

test("several ports are made together, or none of them", async () => {
  const ports = [
    { network_id: network, name: "a", fixed_ips: [{ ip_address: "10.1.0.9" }] },
    { network_id: network, name: "b", fixed_ips: [{ ip_address: "10.1.0.9" }] },
  ];
  const before = await neutron.dump();
  const refused = await neutron.call("POST", "/ports", { ports });
  expect(refused).toMatchObject({ status: 409, body: fault("IpAddressInUse", /The IP address 10\.1\.0\.9 is in use/) });
  expect(await neutron.dump()).toEqual(before);
  const made = await neutron.call("POST", "/ports", { ports: [ports[0], { network_id: network, name: "c" }] });
  expect(made).toMatchObject({ status: 201, body: { ports: [{ name: "a" }, { name: "c" }] } });
});

test("of two requests at the same time for one address, one is answered 201 and the other 409", async () => {
  const port = { network_id: network, fixed_ips: [{ ip_address: "10.1.0.9" }] };
  const answers = await Promise.all([1, 2].map(() => neutron.call("POST", "/ports", { port })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expect(await neutron.names("/ports")).toHaveLength(1);
});

describe("ports are found by their addresses:", () => {
  beforeEach(async () => {
    for (const [name, address] of [
      ["a", "10.1.0.11"],
      ["b", "10.1.0.12"],
    ] as const)
      await neutron.make("port", { network_id: network, name, fixed_ips: [{ ip_address: address }] });
  });

  test.each([
    ["ip_address=10.1.0.11", ["a"]],
    ["ip_address=10.1.0.11&fixed_ips=ip_address=10.1.0.12", ["a", "b"]],
    ["ip_address_substr=0.1", ["a", "b"]],
    ["ip_address_substr=.12", ["b"]],
    [`subnet_id=${uuid(9)}`, []],
    [`subnet_id=${uuid(9)}&fixed_ips=ip_address=10.1.0.11`, []],
  ])("%s", async (query, names) => {
    expect((await neutron.names(`/ports?fixed_ips=${query}`)).toSorted()).toEqual(names);
  });

  test("and by nothing else", async () => {
    const answer = await neutron.call("GET", "/ports?fixed_ips=mac=1");
    expect(answer).toMatchObject({ status: 400, body: fault("HTTPBadRequest", /fixed_ips/) });
  });
});

describe("on a network that is shared with it, a project", () => {
  let shared: string;
  const make = async (port: object): Promise<{ readonly status: number; readonly body: unknown }> =>
    neutron.call("POST", "/ports", { port: { network_id: shared, ...port } }, { as: "bob" });

  beforeEach(async () => {
    shared = (await neutron.make("network", { shared: true, tenant_id: blue })).id;
    await neutron.make("subnet", { network_id: shared, ip_version: 4, cidr: "10.2.0.0/24" });
  });

  test("has ports, which the network's owner sees, and nobody else", async () => {
    expect((await make({ name: "bob's" })).status).toBe(201);
    await neutron.make("port", { network_id: shared, name: "alice's" }, { as: "alice" });
    expect(await neutron.names("/ports", { as: "bob" })).toEqual(["bob's"]);
    expect((await neutron.names("/ports", { as: "alice" })).toSorted()).toEqual(["alice's", "bob's"]);
  });

  test.each([
    ["its address", { fixed_ips: [{ ip_address: "10.2.0.1" }] }, "fixed_ips"],
    ["its MAC address", { mac_address: "02:00:00:00:00:01" }, "mac_address"],
    ["no port security", { port_security_enabled: false }, "port_security_enabled"],
    ["further addresses", { allowed_address_pairs: [{ ip_address: "10.2.0.0/24" }] }, "allowed_address_pairs"],
    ["to be the router", { device_owner: "network:router_interface" }, "device_owner"],
    ["its host", { "binding:host_id": "h" }, "binding:host_id"],
  ])("doesn't choose %s", async (_, port, rule) => {
    expect(await make(port)).toMatchObject({
      status: 403,
      body: fault("PolicyNotAuthorized", new RegExp(`create_port:${rule}`)),
    });
  });
});

test("a port on a network that isn't to be seen is on one that there isn't", async () => {
  const answer = await neutron.call("POST", "/ports", { port: { network_id: network } }, { as: "bob" });
  expect(answer).toMatchObject({ status: 404, body: fault("NetworkNotFound") });
});
