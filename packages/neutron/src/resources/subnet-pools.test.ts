import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blue, fault, NeutronUnderTest, type Shown, uuid } from "../neutron-under-test.ts";

let neutron: NeutronUnderTest;
const asAlice = { as: "alice" } as const;
const asBob = { as: "bob" } as const;

beforeEach(async () => void (neutron = await NeutronUnderTest.start()));
afterEach(() => neutron[Symbol.asyncDispose]());

const makePool = async (pool: object = {}, call: { readonly as?: "alice" } = asAlice): Promise<Shown> =>
  neutron.make("subnetpool", { name: "pool", prefixes: ["10.0.0.0/16"], default_prefixlen: 24, ...pool }, call);

/** Asks for a subnet of a new network. */
async function take(subnetpool: string, subnet: object = {}, as: "alice" | "bob" = "alice") {
  const network = await neutron.make("network", {}, { as });
  const wanted = { network_id: network.id, ip_version: 4, subnetpool_id: subnetpool, ...subnet };
  return neutron.call("POST", "/subnets", { subnet: wanted }, { as });
}

test("a pool is made with Neutron's defaults, and shown with all that it has", async () => {
  const made = await neutron.make("subnetpool", { prefixes: ["10.0.0.0/8", "192.0.2.0/24"] }, asAlice);
  expect(made).toEqual({
    ...{ id: expect.any(String) as unknown, name: "", description: "", tenant_id: blue, project_id: blue, tags: [] },
    ...{ created_at: expect.any(String) as unknown, updated_at: expect.any(String) as unknown, revision_number: 1 },
    ...{ prefixes: ["10.0.0.0/8", "192.0.2.0/24"], ip_version: 4, is_default: false, shared: false },
    ...{ default_prefixlen: 8, min_prefixlen: 8, max_prefixlen: 32, default_quota: null, address_scope_id: null },
  });
  const six = await neutron.make("subnetpool", { prefixes: ["2001:db8::/48"] }, asAlice);
  expect(six).toMatchObject({ ip_version: 6, default_prefixlen: 64, min_prefixlen: 64, max_prefixlen: 128 });
});

describe("a subnet of a pool", () => {
  test("has the first prefix that is free, of the length that it asks for", async () => {
    const { id } = await makePool();
    expect((await take(id)).body).toMatchObject({
      subnet: { cidr: "10.0.0.0/24", gateway_ip: "10.0.0.1", subnetpool_id: id },
    });
    expect((await take(id, { prefixlen: 28 })).body).toMatchObject({ subnet: { cidr: "10.0.1.0/28" } });
    expect((await take(id)).body).toMatchObject({ subnet: { cidr: "10.0.2.0/24" } });
    expect((await take(id, { cidr: "10.0.9.0/24" })).body).toMatchObject({ subnet: { cidr: "10.0.9.0/24" } });
  });

  test.each([
    ["longer than its prefixes may be", { max_prefixlen: 26 }, { prefixlen: 27 }, 400, "SubnetAllocationError"],
    ["shorter than its prefixes may be", {}, { prefixlen: 7 }, 400, "SubnetAllocationError"],
    ["that isn't in it", {}, { cidr: "10.1.0.0/24" }, 400, "SubnetAllocationError"],
    ["of another version of IP", {}, { ip_version: 6 }, 400, "InvalidInput"],
    [
      "more than it has",
      { prefixes: ["10.0.0.0/25"], default_prefixlen: 25 },
      { prefixlen: 24 },
      409,
      "SubnetAllocationError",
    ],
    ["more than a project may have", { default_quota: 100 }, {}, 409, "SubnetPoolQuotaExceeded"],
  ])("is none %s", async (_, pool, subnet, status, type) => {
    const { id } = await makePool(pool);
    const answer = await take(id, subnet);
    expect(answer).toMatchObject({ status, body: fault(type) });
    expect(await neutron.names("/subnets")).toEqual([]);
  });

  test("isn't given twice, nor to two that ask at the same time", async () => {
    const { id } = await makePool({ prefixes: ["10.0.0.0/24"], default_prefixlen: 25 });
    const answers = await Promise.all([take(id), take(id), take(id)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 409]);
    const again = await take(id, { cidr: "10.0.0.0/26" });
    expect(again).toMatchObject({ status: 400, body: fault("SubnetAllocationError", /has 10\.0\.0\.0\/25/) });
  });

  test("has none beside it on its network that is of another pool, or of none", async () => {
    const { id } = await makePool();
    const { body } = await take(id);
    const { network_id } = (body as { subnet: { network_id: string } }).subnet;
    const subnet = { network_id, ip_version: 4, cidr: "192.168.0.0/24" };
    const refused = await neutron.call("POST", "/subnets", { subnet }, asAlice);
    expect(refused).toMatchObject({ status: 400, body: fault("NetworkSubnetPoolAffinityError") });
    await neutron.make("subnet", { network_id, ip_version: 6, cidr: "2001:db8::/64" }, asAlice);
  });

  test("keeps its pool", async () => {
    const { id } = await makePool();
    const { body } = await take(id);
    const subnet = (body as { subnet: { id: string } }).subnet.id;
    const refused = await neutron.call("DELETE", `/subnetpools/${id}`, undefined, asAlice);
    expect(refused).toMatchObject({ status: 409, body: fault("SubnetPoolInUse", new RegExp(`subnet ${subnet}`)) });
    await neutron.call("DELETE", `/subnets/${subnet}`, undefined, asAlice);
    expect((await neutron.call("DELETE", `/subnetpools/${id}`, undefined, asAlice)).status).toBe(204);
  });
});

test("a pool grows, and loses nothing", async () => {
  const { id } = await makePool();
  const put = async (subnetpool: object) => neutron.call("PUT", `/subnetpools/${id}`, { subnetpool }, asAlice);
  const larger = { prefixes: ["10.0.0.0/15"], default_prefixlen: 26, name: "larger" };
  expect(await put(larger)).toMatchObject({ status: 200, body: { subnetpool: { ...larger, revision_number: 2 } } });
  expect(await put({ prefixes: ["10.0.0.0/16"] })).toMatchObject({
    status: 400,
    body: fault("IllegalSubnetPoolPrefixBounds"),
  });
});

test.each([
  ["no prefix", { prefixes: [] }],
  ["prefixes of both versions", { prefixes: ["10.0.0.0/8", "2001:db8::/48"] }],
  ["prefixes that overlap", { prefixes: ["10.0.0.0/8", "10.1.0.0/16"] }],
  ["a default that it hasn't", { default_prefixlen: 7 }],
  ["a shortest that is longer than its longest", { min_prefixlen: 25, max_prefixlen: 24 }],
  ["prefixes that there aren't", { max_prefixlen: 33 }],
])("a pool with %s is refused, and nothing changes", async (_, given) => {
  const before = await neutron.dump();
  const subnetpool = { prefixes: ["10.0.0.0/16"], default_prefixlen: 24, ...given };
  expect((await neutron.call("POST", "/subnetpools", { subnetpool }, asAlice)).status).toBe(400);
  expect(await neutron.dump()).toEqual(before);
});

test("a pool is its project's, unless an administrator shares it with all", async () => {
  const { id } = await makePool();
  expect(await neutron.names("/subnetpools", asBob)).toEqual([]);
  expect(await take(id, {}, "bob")).toMatchObject({ status: 404, body: fault("SubnetPoolNotFound") });
  const sharing = { subnetpool: { prefixes: ["10.9.0.0/16"], shared: true } };
  expect((await neutron.call("POST", "/subnetpools", sharing, asAlice)).status).toBe(403);
  const shared = await makePool({ name: "shared", shared: true }, {});
  expect(await neutron.names("/subnetpools", asBob)).toEqual(["shared"]);
  expect((await take(shared.id, {}, "bob")).status).toBe(201);
  const change = await neutron.call("PUT", `/subnetpools/${shared.id}`, { subnetpool: { name: "mine" } }, asBob);
  expect(change.status).toBe(403);
});

describe("an address scope", () => {
  let scope: string;
  beforeEach(async () => {
    scope = (await neutron.make("address_scope", { name: "scope", ip_version: 4 }, asAlice)).id;
  });

  test("is made, renamed and deleted", async () => {
    const put = await neutron.call("PUT", `/address-scopes/${scope}`, { address_scope: { name: "new" } }, asAlice);
    expect(put.body).toEqual({
      address_scope: { id: scope, name: "new", tenant_id: blue, project_id: blue, ip_version: 4, shared: false },
    });
    expect(await neutron.names("/address-scopes?ip_version=4", asAlice)).toEqual(["new"]);
    expect(await neutron.names("/address-scopes", asBob)).toEqual([]);
    expect((await neutron.call("DELETE", `/address-scopes/${scope}`, undefined, asAlice)).status).toBe(204);
  });

  test("has no two pools that overlap, and stays while it has one", async () => {
    await makePool({ address_scope_id: scope });
    const other = { prefixes: ["10.0.128.0/17"], address_scope_id: scope };
    const refused = await neutron.call("POST", "/subnetpools", { subnetpool: other }, asAlice);
    expect(refused).toMatchObject({ status: 409, body: fault("AddressScopePrefixConflict") });
    const deleted = await neutron.call("DELETE", `/address-scopes/${scope}`, undefined, asAlice);
    expect(deleted).toMatchObject({ status: 409, body: fault("AddressScopeInUse") });
    await makePool({ prefixes: ["10.1.0.0/16"], address_scope_id: scope });
  });

  test("is of one version of IP, and of its own project", async () => {
    const six = { prefixes: ["2001:db8::/48"], address_scope_id: scope };
    expect((await neutron.call("POST", "/subnetpools", { subnetpool: six }, asAlice)).status).toBe(400);
    const four = { prefixes: ["10.0.0.0/16"], address_scope_id: scope };
    const foreign = await neutron.call("POST", "/subnetpools", { subnetpool: four }, asBob);
    expect(foreign).toMatchObject({ status: 404, body: fault("AddressScopeNotFound") });
    const missing = { ...four, address_scope_id: uuid(9) };
    expect((await neutron.call("POST", "/subnetpools", { subnetpool: missing }, asAlice)).status).toBe(404);
  });

  test("is told of the networks whose subnets are in it", async () => {
    const { id } = await makePool({ address_scope_id: scope });
    const { body } = await take(id);
    const { network_id } = (body as { subnet: { network_id: string } }).subnet;
    const shown = await neutron.show(`/networks/${network_id}`, asAlice);
    expect(shown).toMatchObject({ ipv4_address_scope: scope, ipv6_address_scope: null });
  });
});
