import type { Revision } from "@loomstack/core";
import { expect, test } from "vitest";
import { neutron, odlUnderTest, uuid } from "../odl-under-test.ts";

const url = `${neutron}/networks`;
const full = {
  id: uuid(1),
  name: "blue",
  tenant_id: "t",
  shared: true,
  admin_state_up: false,
  "router:external": false,
  "provider:network_type": "gre",
  "provider:segmentation_id": 7,
};

const vlan = (number: number) => ({
  id: uuid(number),
  "provider:network_type": "vlan",
  "provider:physical_network": "physnet1",
  "provider:segmentation_id": 100,
});

test("a network is made as asked for, with defaults filled in, and can be shown and listed", async () => {
  await using odl = await odlUnderTest();
  const given = await odl.call("POST", url, { network: full });
  expect(given).toMatchObject({ status: 201, body: { network: { ...full, status: "DOWN", subnets: [] } } });
  const bare = await odl.call("POST", url, { network: { id: uuid(2) } });
  const defaults = {
    name: "",
    tenant_id: "",
    shared: false,
    admin_state_up: true,
    status: "ACTIVE",
    "provider:network_type": "vxlan",
  };
  expect(bare).toMatchObject({ status: 201, body: { network: { id: uuid(2), ...defaults } } });
  expect(await odl.call("GET", `${url}/${uuid(1)}`)).toMatchObject({ status: 200, body: given.body });
  const list = (await odl.call("GET", url)).body as { networks: unknown[] };
  expect(list.networks).toEqual([given.body, bare.body].map((body) => (body as { network: unknown }).network));
});

test.each([
  ["a number", 1001, 1001],
  ["quoted", "1001", 1001],
  ["negative", -1_234_567_890, -1_234_567_890],
  ["null", null, 1],
  ["left out", undefined, 1],
])("a segmentation id that is %s is told back as a number", async (_, given, told) => {
  await using odl = await odlUnderTest();
  const answer = await odl.call("POST", url, { network: { id: uuid(1), "provider:segmentation_id": given } });
  expect(answer).toMatchObject({ status: 201, body: { network: { "provider:segmentation_id": told } } });
});

test("networks may share a segmentation id, and have tunnel keys of their own", async () => {
  await using odl = await odlUnderTest();
  for (const number of [1, 2, 3]) {
    expect(
      (await odl.call("POST", url, { network: { id: uuid(number), "provider:segmentation_id": 100 } })).status,
    ).toBe(201);
  }
  const rows = await odl.store.db.selectFrom("networks").select(["segmentation_id", "tunnel_key"]).execute();
  expect(new Set(rows.map(({ tunnel_key }) => tunnel_key)).size).toBe(3);
  expect(rows.map(({ segmentation_id }) => segmentation_id)).toEqual([100, 100, 100]);
});

test("a list of networks is made as a whole, under the plural or the singular name", async () => {
  await using odl = await odlUnderTest();
  const plural = await odl.call("POST", url, { networks: [{ id: uuid(1) }, { id: uuid(2) }] });
  expect(plural).toMatchObject({ status: 201, body: { networks: [{ id: uuid(1) }, { id: uuid(2) }] } });
  const singular = await odl.call("POST", url, { network: [{ id: uuid(3) }] });
  expect(singular).toMatchObject({ status: 201, body: { networks: [{ id: uuid(3) }] } });
  const before = await odl.dump();
  const refused = await odl.call("POST", url, { networks: [{ id: uuid(4) }, { id: uuid(1) }] });
  expect(refused).toMatchObject({
    status: 400,
    body: expect.stringContaining(`there is a network ${uuid(1)} already`) as unknown,
  });
  expect(await odl.dump()).toEqual(before);
});

test.each([
  ["no body", undefined],
  ["an empty object", {}],
  ["a list as body", []],
  ["another resource", { port: { id: uuid(9) } }],
  ["two members", { network: { id: uuid(9) }, networks: [] }],
  ["an empty list", { networks: [] }],
  ["an object under the plural name", { networks: { id: uuid(9) } }],
  ["null", { network: null }],
  ["no id", { network: { name: "n" } }],
  ["an id that is no UUID", { network: { id: "blue" } }],
  ["an id that is there already", { network: { id: uuid(1) } }],
  ["a name that is no text", { network: { id: uuid(9), name: 5 } }],
  ["a name with a line end", { network: { id: uuid(9), name: "a\nb" } }],
  ["a name that is too long", { network: { id: uuid(9), name: "n".repeat(256) } }],
  ["a member that we don't know", { network: { id: uuid(9), nmae: "n" } }],
  ["a kind of network that we don't have", { network: { id: uuid(9), "provider:network_type": "stt" } }],
  ["a VLAN of no physical network", { network: { ...vlan(9), "provider:physical_network": "" } }],
  ["a VLAN network without a VLAN", { network: { ...vlan(9), "provider:segmentation_id": null } }],
  ["a physical network for an encapsulation", { network: { ...vlan(9), "provider:network_type": "vxlan" } }],
  ["an external network", { network: { id: uuid(9), "router:external": true } }],
  ["a segmentation id that is no number", { network: { id: uuid(9), "provider:segmentation_id": "1x" } }],
  ["a segmentation id with a fraction", { network: { id: uuid(9), "provider:segmentation_id": 1.5 } }],
  ["a segmentation id beyond 32 bits", { network: { id: uuid(9), "provider:segmentation_id": 2 ** 31 } }],
])("a POST with %s is answered 400 and changes nothing", async (_, body) => {
  await using odl = await odlUnderTest();
  await odl.call("POST", url, { network: { id: uuid(1) } });
  const before = await odl.dump();
  expect(await odl.call("POST", url, body)).toMatchObject({ status: 400, type: "text/html" });
  expect(await odl.dump()).toEqual(before);
});

test("what is wrong with a body is said with its place", async () => {
  await using odl = await odlUnderTest();
  const answer = await odl.call("POST", url, { networks: [{ id: uuid(1) }, { id: uuid(2), shared: "yes" }] });
  expect(answer.body).toMatch(/^networks\[1\]\.shared: /);
  expect((await odl.call("POST", url, { network: {} })).body).toBe("network.id: is missing");
});

test("more than a thousand networks at once are refused", async () => {
  await using odl = await odlUnderTest();
  const networks = Array.from({ length: 1001 }, (_, index) => ({ id: uuid(index) }));
  expect((await odl.call("POST", url, { networks })).status).toBe(413);
  expect((await odl.call("POST", url, { networks: networks.slice(1) })).status).toBe(201);
});

test("a network is changed by what a PUT names", async () => {
  await using odl = await odlUnderTest();
  await odl.call("POST", url, { network: full });
  const answer = await odl.call("PUT", `${url}/${uuid(1)}`, { network: { name: "green", admin_state_up: true } });
  expect(answer).toMatchObject({
    status: 200,
    body: { network: { ...full, name: "green", admin_state_up: true, status: "ACTIVE" } },
  });
  expect((await odl.call("GET", `${url}/${uuid(1)}`)).body).toEqual(answer.body);
});

test.each([
  ["several networks", { networks: [{ name: "n" }] }],
  ["an id", { network: { id: uuid(1) } }],
  ["a tenant", { network: { tenant_id: "t" } }],
  ["a status", { network: { status: "ACTIVE" } }],
  ["a kind of network", { network: { "provider:network_type": "gre" } }],
  ["a physical network", { network: { "provider:physical_network": "physnet1" } }],
  ["no body", undefined],
])("a PUT with %s is answered 400 and changes nothing", async (_, body) => {
  await using odl = await odlUnderTest();
  await odl.call("POST", url, { network: { id: uuid(1) } });
  const before = await odl.dump();
  expect((await odl.call("PUT", `${url}/${uuid(1)}`, body)).status).toBe(400);
  expect(await odl.dump()).toEqual(before);
});

test.each(["GET", "PUT", "DELETE"] as const)(
  "a %s of a network that isn't there is answered 404, whatever else is wrong",
  async (method) => {
    await using odl = await odlUnderTest();
    for (const id of [uuid(1), "blue", "%2e%2e"]) {
      const answer = await odl.call(method, `${url}/${id}`, method === "PUT" ? { nonsense: 1 } : undefined);
      expect(answer.status).toBe(404);
    }
  },
);

test("a network is deleted once, and not while it has ports", async () => {
  await using odl = await odlUnderTest({
    realised: { port: () => ({ status: "DOWN", reason: "", hypervisor: null }) },
  });
  await odl.call("POST", url, { network: { id: uuid(1) } });
  await odl.call("POST", `${neutron}/ports`, {
    port: { id: uuid(2), network_id: uuid(1), mac_address: "02:00:00:00:00:01" },
  });
  const before = await odl.dump();
  expect(await odl.call("DELETE", `${url}/${uuid(1)}`)).toMatchObject({
    status: 409,
    body: expect.stringContaining(uuid(2)) as unknown,
  });
  expect(await odl.dump()).toEqual(before);
  expect((await odl.call("DELETE", `${neutron}/ports/${uuid(2)}`)).status).toBe(204);
  expect(await odl.call("DELETE", `${url}/${uuid(1)}`)).toMatchObject({ status: 204, body: "" });
  expect((await odl.call("DELETE", `${url}/${uuid(1)}`)).status).toBe(404);
});

test("a list is narrowed by exact values and to the members that are asked for", async () => {
  await using odl = await odlUnderTest();
  const networks = [
    { id: uuid(1), name: "a", shared: true, tenant_id: "t" },
    { id: uuid(2), name: "b", tenant_id: "t" },
    { id: uuid(3), name: "c", tenant_id: "u", "provider:network_type": "gre" },
  ];
  await odl.call("POST", url, { networks });
  const ids = async (query: string): Promise<unknown[]> =>
    ((await odl.call("GET", `${url}?${query}`)).body as { networks: { id: string }[] }).networks.map(({ id }) => id);
  expect(await ids("name=a")).toEqual([uuid(1)]);
  expect(await ids("name=a&name=c")).toEqual([uuid(1), uuid(3)]);
  expect(await ids("tenant_id=t&shared=false")).toEqual([uuid(2)]);
  expect(await ids("provider:network_type=gre")).toEqual([uuid(3)]);
  expect(await ids("router_external=true")).toEqual([]);
  expect(await ids("name=A")).toEqual([]);
  expect(await ids("limit=1&marker=x&page_reverse=true")).toHaveLength(3);
  expect((await odl.call("GET", `${url}?id=${uuid(2)}&fields=id&fields=name`)).body).toEqual({
    networks: [{ id: uuid(2), name: "b" }],
  });
  expect((await odl.call("GET", `${url}?nmae=a`)).status).toBe(400);
});

test("a slash at the end of a path makes no difference", async () => {
  await using odl = await odlUnderTest();
  expect((await odl.call("POST", `${url}/`, { network: { id: uuid(1) } })).status).toBe(201);
  expect((await odl.call("GET", `${url}/`)).status).toBe(200);
  expect((await odl.call("GET", `${url}/${uuid(1)}/`)).status).toBe(200);
  expect((await odl.call("DELETE", `${url}/${uuid(1)}/`)).status).toBe(204);
});

test.each([
  ["vxlan", 1450],
  ["gre", 1458],
  ["geneve", 1442],
  ["vlan", 1500],
])("the MTU of a %s network is what an encapsulation leaves of the underlay", async (type, mtu) => {
  await using odl = await odlUnderTest();
  const given = type === "vlan" ? vlan(1) : { id: uuid(1), "provider:network_type": type };
  const answer = await odl.call("POST", url, { network: { ...given, mtu: 0 } });
  expect(answer).toMatchObject({ status: 201, body: { network: { ...given, mtu } } });
});

test("a smaller MTU can be asked for and given up, and not one that can't be", async () => {
  await using odl = await odlUnderTest();
  await odl.call("POST", url, { network: { id: uuid(1), mtu: 1400 } });
  const put = (mtu: unknown): ReturnType<typeof odl.call> => odl.call("PUT", `${url}/${uuid(1)}`, { network: { mtu } });
  expect((await odl.call("GET", `${url}/${uuid(1)}`)).body).toMatchObject({ network: { mtu: 1400 } });
  const before = await odl.dump();
  for (const wrong of [67, 1451, -1, 1400.5, "1400"]) expect((await put(wrong)).status).toBe(400);
  expect((await odl.call("POST", url, { network: { id: uuid(2), mtu: 1451 } })).status).toBe(400);
  expect(await odl.dump()).toEqual(before);
  expect((await put(0)).body).toMatchObject({ network: { mtu: 1450 } });
});

test("a GET of a network or a subnet that prefers to wait is answered when the hypervisors have confirmed it", async () => {
  const asked: unknown[] = [];
  const done = { revision: 1 as Revision, realised: true, reason: "", hypervisors: [] };
  await using odl = await odlUnderTest({
    realised: { objectRealised: (kind, id) => (asked.push([kind, id]), Promise.resolve(done)) },
  });
  await odl.call("POST", url, { network: { id: uuid(1) } });
  const subnets = `${neutron}/subnets`;
  await odl.call("POST", subnets, { subnet: { id: uuid(2), network_id: uuid(1), cidr: "10.1.0.0/24" } });
  for (const path of [`${url}/${uuid(1)}`, `${subnets}/${uuid(2)}`]) {
    expect((await odl.call("GET", path)).status).toBe(200);
    expect(asked.splice(0)).toEqual([]);
    const answer = await odl.call("GET", path, undefined, { prefer: "wait=10" });
    expect(answer.status).toBe(200);
    expect(answer.headers["preference-applied"]).toBe("wait=10");
    expect(asked.splice(0)).toEqual([["network", uuid(1)]]);
  }
});

test("a provider network is told back with its physical network and VLAN, and its VLAN is given once", async () => {
  await using odl = await odlUnderTest();
  const answer = await odl.call("POST", url, { network: vlan(1) });
  expect(answer).toMatchObject({ status: 201, body: { network: vlan(1) } });
  expect((await odl.call("POST", url, { network: vlan(2) })).status).toBe(409);
  const flat = { id: uuid(3), "provider:network_type": "flat", "provider:physical_network": "physnet1" };
  expect(await odl.call("POST", url, { network: flat })).toMatchObject({ status: 201, body: { network: flat } });
  expect((await odl.call("POST", url, { network: { ...flat, id: uuid(4) } })).status).toBe(409);
  const found = await odl.call("GET", `${url}?provider:physical_network=physnet1&fields=id`);
  expect(found.body).toEqual({ networks: [{ id: uuid(1) }, { id: uuid(3) }] });
});

test("a network's domain is a whole name, which is told back with its last dot", async () => {
  await using odl = await odlUnderTest();
  const made = await odl.call("POST", url, { network: { id: uuid(1), dns_domain: "Example.ORG." } });
  expect(made).toMatchObject({ status: 201, body: { network: { dns_domain: "example.org." } } });
  const put = (dns_domain: string) => odl.call("PUT", `${url}/${uuid(1)}`, { network: { dns_domain } });
  expect((await put("example.org")).status).toBe(400);
  expect(await put("")).toMatchObject({ status: 200, body: { network: { dns_domain: "" } } });
});

test("addresses are learnt in a network unless its client says otherwise", async () => {
  await using odl = await odlUnderTest();
  const member = "loomstack:learn_addresses";
  const made = await odl.call("POST", url, { network: { id: uuid(1) } });
  expect(made).toMatchObject({ status: 201, body: { network: { [member]: true } } });
  const put = (value: unknown) => odl.call("PUT", `${url}/${uuid(1)}`, { network: { [member]: value } });
  expect(await put(false)).toMatchObject({ status: 200, body: { network: { [member]: false } } });
  expect((await put("no")).status).toBe(400);
  const quiet = { id: uuid(2), [member]: false };
  expect(await odl.call("POST", url, { network: quiet })).toMatchObject({ status: 201, body: { network: quiet } });
});
