import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fault, NeutronUnderTest } from "./neutron-under-test.ts";

let neutron: NeutronUnderTest;
let url: string;

beforeEach(async () => {
  neutron = await NeutronUnderTest.start();
  const { id } = await neutron.make("network", { name: "a" }, { as: "alice" });
  url = `/networks/${id}/tags`;
});
afterEach(() => neutron[Symbol.asyncDispose]());

test("tags are put all together, one by one, and taken away", async () => {
  const put = await neutron.call("PUT", url, { tags: ["red", "blue", "red"] });
  expect(put).toMatchObject({ status: 200, body: { tags: ["blue", "red"] } });
  expect((await neutron.call("PUT", `${url}/green`)).status).toBe(201);
  expect((await neutron.call("GET", `${url}/green`)).status).toBe(204);
  expect((await neutron.call("DELETE", `${url}/red`)).status).toBe(204);
  expect((await neutron.call("GET", url)).body).toEqual({ tags: ["blue", "green"] });
  const { networks } = (await neutron.call("GET", "/networks")).body as { networks: object[] };
  expect(networks).toMatchObject([{ tags: ["blue", "green"], revision_number: 4 }]);
  expect((await neutron.call("DELETE", url)).status).toBe(204);
  expect((await neutron.call("GET", `${url}/green`)).status).toBe(404);
  expect((await neutron.call("DELETE", `${url}/green`)).status).toBe(404);
});

test.each([
  ["no list", { tags: "a" }],
  ["nothing", undefined],
  ["an empty tag", { tags: [""] }],
  ["a tag that a query would take for two", { tags: ["a,b"] }],
  ["a tag that is too long", { tags: ["a".repeat(61)] }],
  ["too many tags", { tags: Array.from({ length: 51 }, (_, n) => `t${n}`) }],
])("%s is refused, and changes nothing", async (_, body) => {
  const before = await neutron.dump();
  expect((await neutron.call("PUT", url, body)).status).toBe(400);
  expect(await neutron.dump()).toEqual(before);
});

test("tags are for the owner to set", async () => {
  expect((await neutron.call("PUT", `${url}/x`, undefined, { as: "bob" })).status).toBe(404);
  const reader = await neutron.call("PUT", `${url}/x`, undefined, { as: "rita" });
  expect(reader).toMatchObject({ status: 403, body: fault("PolicyNotAuthorized", /update_networks_tags/) });
  expect((await neutron.call("GET", url, undefined, { as: "rita" })).body).toEqual({ tags: [] });
});

describe("lists are narrowed by tags:", () => {
  beforeEach(async () => {
    await neutron.call("PUT", url, { tags: ["red", "blue"] });
    await neutron.make("network", { name: "b" });
    const { id } = await neutron.make("network", { name: "c" });
    await neutron.call("PUT", `/networks/${id}/tags`, { tags: ["red"] });
  });

  test.each([
    ["tags=red", ["a", "c"]],
    ["tags=red,blue", ["a"]],
    ["tags-any=blue,green", ["a"]],
    ["not-tags=red,blue", ["b", "c"]],
    ["not-tags-any=blue,green", ["b", "c"]],
  ])("%s", async (query, names) => {
    expect((await neutron.names(`/networks?${query}`)).toSorted()).toEqual(names);
  });
});
