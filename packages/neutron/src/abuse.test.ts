/** Whatever is sent is answered, and what is refused changes nothing. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Attributes } from "./attributes/attribute.ts";
import { NeutronUnderTest, uuid } from "./neutron-under-test.ts";
import type { NeutronOptions } from "./options.ts";
import { addressScopeResource } from "./resources/address-scope.ts";
import { networkResource } from "./resources/network.ts";
import { portResource } from "./resources/port.ts";
import { rbacPolicyResource } from "./resources/rbac-policy.ts";
import { subnetPoolResource } from "./resources/subnet-pool.ts";
import { subnetResource } from "./resources/subnet.ts";

const options = {} as NeutronOptions;
const kinds = [
  networkResource(options),
  subnetResource(options),
  portResource(options),
  subnetPoolResource(options),
  addressScopeResource(options),
  rbacPolicyResource(options),
].map(({ singular, plural, attributes }) => ({
  ...{ singular, path: `/${plural.replaceAll("_", "-")}` },
  names: Object.keys(attributes satisfies Attributes<never>),
}));

let neutron: NeutronUnderTest;
let network: string;
let port: string;

beforeEach(async () => {
  neutron = await NeutronUnderTest.start();
  network = (await neutron.make("network", {}, { as: "alice" })).id;
  await neutron.make("subnet", { network_id: network, ip_version: 4, cidr: "10.1.0.0/24" });
  port = (await neutron.make("port", { network_id: network })).id;
});
afterEach(() => neutron[Symbol.asyncDispose]());

/** Values as clients send them, as they send them by mistake, and as nobody does. */
function value(): fc.Arbitrary<unknown> {
  const plausible = [
    ...[network, port, uuid(1), "10.1.0.0/24", "10.1.0.9", "2001:db8::/64", "2001:db8::9", "02:00:00:00:00:01"],
    ...[
      "",
      "*",
      "network",
      "access_as_shared",
      "vlan",
      "slaac",
      "normal",
      "True",
      "0",
      "-1",
      "1e3",
      "a".repeat(300),
      "\ud800",
      "\0",
    ],
    ...[0, 1, -1, 4, 6, 24, 1_400, 2 ** 53, 0.5, true, false, null, [], {}],
    ...[[{ ip_address: "10.1.0.7" }], [{ start: "10.1.0.2", end: "10.1.0.9" }], ["10.1.0.0/16"]],
  ];
  return fc.oneof(fc.constantFrom(...plausible), fc.jsonValue({ maxDepth: 2 }));
}

/** What makes a POST a right one, kind by kind. */
function right(singular: string): object {
  const needed: Readonly<Record<string, object>> = {
    subnet: { network_id: network, ip_version: 6, cidr: "2001:db8:1::/64" },
    port: { network_id: network },
    subnetpool: { prefixes: ["10.0.0.0/8"] },
    address_scope: { ip_version: 4 },
    rbac_policy: {
      ...{ object_type: "network", object_id: network, action: "access_as_shared", target_tenant: "x" },
    },
  };
  return needed[singular] ?? {};
}

/** Some of the attributes that there are, and now and then one that there isn't. */
function body(names: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  const name = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() });
  return fc.array(fc.tuple(name, value()), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
}

const caller = fc.constantFrom("alice", "admin");

async function isAnswered(as: "alice" | "admin", method: "POST" | "PUT", url: string, sent: unknown): Promise<void> {
  const before = await neutron.dump();
  const { status, body: answer } = await neutron.call(method, url, sent, { as });
  expect(status, JSON.stringify(answer)).toBeLessThan(500);
  if (status >= 400) expect(await neutron.dump()).toEqual(before);
  expect(neutron.errors).toEqual([]);
}

describe.each(kinds)("$path", ({ singular, path, names }) => {
  test("answers whatever is posted", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(caller, body(names), (as, sent) =>
        isAnswered(as, "POST", path, { [singular]: { ...right(singular), ...sent } }),
      ),
    );
  });

  test("answers whatever is put", { timeout: 60_000 }, async () => {
    const id = fc.constantFrom(network, port, uuid(1), "nobody", "%00");
    await fc.assert(
      fc.asyncProperty(caller, id, body(names), (as, which, sent) =>
        isAnswered(as, "PUT", `${path}/${which}`, { [singular]: sent }),
      ),
    );
  });

  test("answers whatever is asked", { timeout: 60_000 }, async () => {
    const reserved = ["fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse", "tags", "not-tags-any"];
    const text = fc.oneof(
      fc.constantFrom("", "name", "asc", "1", "-1", "True", network, "ip_address=10.1.0.2"),
      fc.string(),
    );
    const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names, ...reserved), fc.string()), text), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(query, async (entries) => {
        const search = new URLSearchParams();
        for (const [name, given] of entries) search.append(name.toWellFormed(), given.toWellFormed());
        const { status } = await neutron.call("GET", `${path}?${search.toString()}`, undefined, { as: "alice" });
        expect([200, 400]).toContain(status);
      }),
    );
  });
});
