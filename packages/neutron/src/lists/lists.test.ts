import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fault, NeutronUnderTest } from "../neutron-under-test.ts";

let neutron: NeutronUnderTest;

beforeEach(async () => {
  neutron = await NeutronUnderTest.start();
  const networks = [
    { name: "c", mtu: 1_300 },
    { name: "a", mtu: 1_400, admin_state_up: false },
    { name: "b", mtu: 1_300, description: "ours" },
    { name: "", mtu: 1_200 },
  ];
  await neutron.call("POST", "/networks", { networks });
});
afterEach(() => neutron[Symbol.asyncDispose]());

const sorted = "sort_key=name&sort_dir=asc";

describe("lists are narrowed", () => {
  test.each([
    ["by a value", "name=a", ["a"]],
    ["by one of several", "name=a&name=b", ["a", "b"]],
    ["by several attributes", "mtu=1300&description=ours", ["b"]],
    ["by nothing", "name=", [""]],
    ["by a truth value as Python writes it", "admin_state_up=False", ["a"]],
    ["by a truth value as JSON writes it", "admin_state_up=true&mtu=1300", ["b", "c"]],
    ["by the project", `project_id=x`, []],
    ["by what nobody has", "name=A", []],
  ])("%s", async (_, query, names) => {
    expect(await neutron.names(`/networks?${query}&${sorted}`)).toEqual(names);
  });

  test.each([
    ["what isn't an attribute", "nome=a", /\['nome'\] is invalid attribute for filtering/],
    ["what can't be compared", "subnets=a", /\['subnets'\] is invalid attribute for filtering/],
    ["both names of the project", "tenant_id=a&project_id=a", /Both tenant_id and project_id/],
  ])("and by %s is refused", async (_, query, message) => {
    const answer = await neutron.call("GET", `/networks?${query}`);
    expect(answer).toMatchObject({ status: 400, body: fault("HTTPBadRequest", message) });
  });
});

test("nothing is found, or sorted, by what the caller doesn't see", async () => {
  for (const [name, type] of [
    ["x", "vxlan"],
    ["y", "gre"],
    ["z", "vxlan"],
  ] as const)
    await neutron.make("network", { name, shared: true, "provider:network_type": type });
  expect(await neutron.names("/networks?provider:network_type=gre")).toEqual(["y"]);
  expect(await neutron.names("/networks?provider:network_type=gre", { as: "bob" })).toEqual([]);
  const [byType, byId] = ["provider:network_type", "id"].map(async (key) =>
    neutron.names(`/networks?sort_key=${key}&sort_dir=asc`, { as: "bob" }),
  );
  expect(await byType).toEqual(await byId);
});

describe("lists are sorted", () => {
  test.each([
    ["up", sorted, ["", "a", "b", "c"]],
    ["down", "sort_key=name&sort_dir=desc", ["c", "b", "a", ""]],
    ["by numbers and then by names", `sort_key=mtu&sort_dir=desc&${sorted}`, ["a", "b", "c", ""]],
    ["up when nothing is said", "sort_key=name", ["", "a", "b", "c"]],
  ])("%s", async (_, query, names) => {
    expect(await neutron.names(`/networks?${query}`)).toEqual(names);
  });

  test.each([
    ["what isn't an attribute", "sort_key=nome&sort_dir=asc", /\['nome'\] is invalid attribute for sort_keys/],
    ["another direction", "sort_key=name&sort_dir=up", /\['up'\] is invalid value for sort_dirs/],
    ["fewer directions", "sort_key=name&sort_key=mtu&sort_dir=asc", /must be same/],
  ])("and by %s not", async (_, query, message) => {
    const answer = await neutron.call("GET", `/networks?${query}`);
    expect(answer).toMatchObject({ status: 400, body: fault("HTTPBadRequest", message) });
  });
});

describe("lists come in pages", () => {
  interface Page {
    readonly networks: readonly { readonly name: string }[];
    readonly networks_links?: readonly { readonly rel: string; readonly href: string }[];
  }
  const page = async (
    url: string,
  ): Promise<{ names: string[]; next: string | undefined; previous: string | undefined }> => {
    const { networks, networks_links: links = [] } = (await neutron.call("GET", url)).body as Page;
    const to = (wanted: string): string | undefined =>
      links.find(({ rel }) => rel === wanted)?.href.replace("http://localhost:80/networking/v2.0", "");
    return { names: networks.map(({ name }) => name), next: to("next"), previous: to("previous") };
  };

  test("that lead to the next one, and back", async () => {
    const first = await page(`/networks?limit=3&${sorted}`);
    expect(first).toMatchObject({ names: ["", "a", "b"], previous: undefined });
    const second = await page(String(first.next));
    expect(second).toMatchObject({ names: ["c"], next: undefined });
    expect(await page(String(second.previous))).toMatchObject({ names: ["", "a", "b"], previous: undefined });
  });

  test("of the objects that are wanted", async () => {
    const { names, next } = await page(`/networks?limit=1&mtu=1300&${sorted}`);
    expect(names).toEqual(["b"]);
    expect(await page(String(next))).toMatchObject({ names: ["c"], next: undefined });
  });

  test("and whole without a limit", async () => {
    expect(await page(`/networks?limit=0&${sorted}`)).toEqual({
      names: ["", "a", "b", "c"],
      next: undefined,
      previous: undefined,
    });
  });

  test.each(["limit=-1", "limit=two", "limit=1&marker=elsewhere"])("%s is refused", async (query) => {
    const answer = await neutron.call("GET", `/networks?${query}`);
    expect(answer).toMatchObject({ status: 400, body: fault("HTTPBadRequest") });
  });
});

test("objects show the fields that are asked for", async () => {
  expect((await neutron.call("GET", `/networks?fields=name&fields=mtu&name=a`)).body).toEqual({
    networks: [{ name: "a", mtu: 1_400 }],
  });
  const { networks } = (await neutron.call("GET", "/networks?name=a")).body as { networks: [{ id: string }] };
  const [{ id }] = networks;
  expect((await neutron.call("GET", `/networks/${id}?fields=project_id&fields=nothing`)).body).toEqual({
    network: { project_id: expect.any(String) as unknown },
  });
});
