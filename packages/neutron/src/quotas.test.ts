import { afterEach, beforeEach, expect, test } from "vitest";
import { blue, fault, NeutronUnderTest, red } from "./neutron-under-test.ts";

let neutron: NeutronUnderTest;
const asAlice = { as: "alice" } as const;
const defaults = { network: 100, subnet: 100, port: 500, rbac_policy: 10, subnetpool: -1 };

beforeEach(async () => void (neutron = await NeutronUnderTest.start()));
afterEach(() => neutron[Symbol.asyncDispose]());

const limit = async (quota: object): Promise<unknown> => neutron.call("PUT", `/quotas/${blue}`, { quota });

test("a project has Neutron's quotas until an administrator says otherwise, and again afterwards", async () => {
  expect((await neutron.call("GET", `/quotas/${blue}`, undefined, asAlice)).body).toEqual({ quota: defaults });
  expect(await limit({ network: 2, port: -1 })).toMatchObject({
    status: 200,
    body: { quota: { ...defaults, network: 2, port: -1 } },
  });
  const own = { ...defaults, network: 2, port: -1, project_id: blue, tenant_id: blue };
  expect((await neutron.call("GET", "/quotas")).body).toEqual({ quotas: [own] });
  expect((await neutron.call("GET", `/quotas/${blue}/default`, undefined, asAlice)).body).toEqual({ quota: defaults });
  expect((await neutron.call("DELETE", `/quotas/${blue}`)).status).toBe(204);
  expect((await neutron.call("GET", "/quotas")).body).toEqual({ quotas: [] });
});

test("more than a project may have is refused, whoever asks, and several together are refused as a whole", async () => {
  await limit({ network: 2 });
  await neutron.make("network", { name: "a" }, asAlice);
  const before = await neutron.dump();
  const refused = { status: 409, body: fault("OverQuota", /^Quota exceeded for resources: \['network'\]\.$/) };
  expect(await neutron.call("POST", "/networks", { networks: [{}, {}] }, asAlice)).toMatchObject(refused);
  expect(await neutron.dump()).toEqual(before);
  await neutron.make("network", { name: "b", tenant_id: blue });
  expect(await neutron.call("POST", "/networks", { network: { tenant_id: blue } })).toMatchObject(refused);
  await neutron.make("network", { tenant_id: red });
});

test("it is told how much of its quotas a project has used", async () => {
  const { id } = await neutron.make("network", {}, asAlice);
  await neutron.make("port", { network_id: id }, asAlice);
  for (const details of ["details", "details.json"]) {
    const { body } = await neutron.call("GET", `/quotas/${blue}/${details}`, undefined, asAlice);
    expect(body).toMatchObject({
      quota: { network: { limit: 100, used: 1, reserved: 0 }, port: { used: 1 }, subnet: { used: 0 } },
    });
  }
});

test.each([
  ["GET", "/quotas"],
  ["GET", `/quotas/${red}`],
  ["GET", `/quotas/${red}/details`],
  ["PUT", `/quotas/${blue}`],
  ["DELETE", `/quotas/${blue}`],
] as const)("%s %s is for administrators", async (method, url) => {
  const body = method === "PUT" ? { quota: { network: -1 } } : undefined;
  const answer = await neutron.call(method, url, body, asAlice);
  expect(answer).toMatchObject({ status: 403, body: fault("PolicyNotAuthorized") });
});

test.each([
  ["what isn't limited", { router: 1 }],
  ["less than nothing", { network: -2 }],
  ["a part", { network: 1.5 }],
  ["no number", { network: "many" }],
])("%s is refused", async (_, quota) => {
  const before = await neutron.dump();
  expect(await limit(quota)).toMatchObject({ status: 400, body: fault("HTTPBadRequest") });
  expect(await neutron.dump()).toEqual(before);
});
