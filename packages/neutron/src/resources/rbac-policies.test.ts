import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blue, fault, NeutronUnderTest, red, uuid } from "../neutron-under-test.ts";

let neutron: NeutronUnderTest;
let network: string;
const asBob = { as: "bob" } as const;
const asAlice = { as: "alice" } as const;

beforeEach(async () => {
  neutron = await NeutronUnderTest.start();
  network = (await neutron.make("network", { name: "net" }, asAlice)).id;
  await neutron.make("subnet", { network_id: network, ip_version: 4, cidr: "10.1.0.0/24", name: "sub" }, asAlice);
});
afterEach(() => neutron[Symbol.asyncDispose]());

const policyFor = (target: string): object => ({
  ...{ object_type: "network", object_id: network, action: "access_as_shared", target_tenant: target },
});

describe("a network that its owner shares with one project", () => {
  let id: string;
  beforeEach(async () => void ({ id } = await neutron.make("rbac_policy", policyFor(red), asAlice)));

  test("is that project's to use, with its subnets", async () => {
    expect(await neutron.names("/networks", asBob)).toEqual(["net"]);
    expect(await neutron.names("/subnets", asBob)).toEqual(["sub"]);
    await neutron.make("port", { network_id: network }, asBob);
    const shown = await neutron.show(`/networks/${network}`, asBob);
    expect(shown).toMatchObject({ shared: false });
    const change = await neutron.call("PUT", `/networks/${network}`, { network: { name: "mine" } }, asBob);
    expect(change.status).toBe(403);
  });

  test("is told so, and no more to whom it is nothing", async () => {
    const shown = { ...policyFor(red), id, tenant_id: blue, project_id: blue };
    expect(await neutron.show(`/rbac-policies/${id}`, asAlice)).toEqual(shown);
    expect((await neutron.call("GET", "/rbac-policies", undefined, asBob)).body).toEqual({ rbac_policies: [] });
    expect((await neutron.call("GET", `/rbac-policies/${id}`, undefined, asBob)).status).toBe(404);
    const found = await neutron.call("GET", `/rbac-policies?target_tenant=${red}&fields=id`);
    expect(found.body).toEqual({ rbac_policies: [{ id }] });
  });

  test("stays so while that project has ports there", async () => {
    const port = await neutron.make("port", { network_id: network }, asBob);
    const refused = await neutron.call("DELETE", `/rbac-policies/${id}`, undefined, asAlice);
    expect(refused).toMatchObject({ status: 409, body: fault("RbacPolicyInUse", new RegExp(`port ${port.id}`)) });
    await neutron.call("DELETE", `/ports/${port.id}`, undefined, asBob);
    expect((await neutron.call("DELETE", `/rbac-policies/${id}`, undefined, asAlice)).status).toBe(204);
    expect(await neutron.names("/networks", asBob)).toEqual([]);
  });

  test("is shared once", async () => {
    const again = await neutron.call("POST", "/rbac-policies", { rbac_policy: policyFor(red) }, asAlice);
    expect(again).toMatchObject({ status: 409, body: fault("Conflict") });
  });

  test("goes, and the share with it", async () => {
    await neutron.call("DELETE", `/networks/${network}`, undefined, asAlice);
    expect((await neutron.call("GET", "/rbac-policies")).body).toEqual({ rbac_policies: [] });
  });
});

describe("a network that is shared with all", () => {
  test("has a policy for that, however it came about", async () => {
    const { id } = await neutron.make("rbac_policy", policyFor("*"));
    expect(id).toBe(network);
    expect(await neutron.show(`/networks/${network}`, asBob)).toMatchObject({ shared: true });
    await neutron.call("DELETE", `/rbac-policies/${id}`);
    expect(await neutron.names("/networks", asBob)).toEqual([]);
    await neutron.call("PUT", `/networks/${network}`, { network: { shared: true } });
    expect(await neutron.show(`/rbac-policies/${network}`)).toMatchObject({ target_tenant: "*" });
  });

  test("stays so while others have ports there, unless it is shared with each", async () => {
    await neutron.make("rbac_policy", policyFor("*"));
    await neutron.make("port", { network_id: network }, asBob);
    const unshare = async () => neutron.call("PUT", `/networks/${network}`, { network: { shared: false } });
    expect(await unshare()).toMatchObject({ status: 409, body: fault("RbacPolicyInUse") });
    await neutron.make("rbac_policy", policyFor(red));
    expect(await unshare()).toMatchObject({ status: 200, body: { network: { shared: false } } });
  });
});

test.each([
  ["with all, by its owner", policyFor, "*", "alice", 403],
  ["by another", policyFor, red, "bob", 404],
  ["by a reader", policyFor, red, "rita", 403],
  ["that isn't there", () => ({ ...policyFor(red), object_id: uuid(9) }), "", "admin", 404],
  ["for something else", () => ({ ...policyFor(red), action: "access_as_external" }), "", "admin", 400],
  ["of another kind", () => ({ ...policyFor(red), object_type: "qos_policy" }), "", "admin", 400],
] as const)("a network is not shared %s", async (_, policy, target, as, status) => {
  // The network has to be there by the time that the policy is made of it.
  const before = await neutron.dump();
  const answer = await neutron.call("POST", "/rbac-policies", { rbac_policy: policy(target) }, { as });
  expect(answer.status).toBe(status);
  expect(await neutron.dump()).toEqual(before);
});
