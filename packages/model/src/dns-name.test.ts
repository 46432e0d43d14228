import { expect, test } from "vitest";
import { updateNetwork } from "./network.ts";
import { getPort, updatePort } from "./port.ts";
import { addNetwork, addPort, refusal, temporaryStore, uuid } from "./store-under-test.ts";

test("a name is one port's in its network, may be another's in another, and is free when it is given up", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addNetwork(store, 2);
  await addPort(store, 11, 1, { dnsName: "web" });
  await addPort(store, 12, 1);
  await addPort(store, 13, 1);
  await addPort(store, 21, 2, { dnsName: "web" });
  const call = (port: number, dnsName: string | null): Promise<unknown> =>
    store.transact((tx) => updatePort(tx, uuid(port), { dnsName }));
  expect(await refusal(call(12, "web"))).toMatchObject({ code: "MODEL__DNS_NAME_IN_USE" });
  expect((await getPort(store.db, uuid(12))).dnsName).toBe(null);
  await call(11, null);
  await call(12, "web");
  expect((await getPort(store.db, uuid(12))).dnsName).toBe("web");
});

test.each([
  ["a-1"],
  ["0"],
  ["a".repeat(63)],
  ["host-db-1"],
  ["host-2001-db8--12", "by their first address"],
  ["host-2001-db8-0-1-2-3-4-5", "by their first address"],
  ["host-10-1-0-11", "by their first address"],
  ["-a", "RFC 1123"],
  ["a-", "RFC 1123"],
  ["a_b", "RFC 1123"],
  ["Web", "RFC 1123"],
  ["a.example", "one label"],
  ["a".repeat(64), "RFC 1123"],
  ["", "RFC 1123"],
])("a port called %s is taken unless there is a reason against it", async (dnsName, reason?: string) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const made = addPort(store, 11, 1, { dnsName });
  if (reason === undefined) expect((await made).dnsName).toBe(dnsName);
  else
    expect(await refusal(made)).toMatchObject({
      code: "MODEL__INVALID_DNS_NAME",
      context: { reason: expect.stringContaining(reason) as string },
    });
});

test.each([
  ["example.org"],
  ["internal"],
  ["1.example"],
  ["example.org.", "RFC 1123"],
  ["exa mple.org", "RFC 1123"],
  ["10.1.0.1", "a number"],
  ["0.10.in-addr.arpa", "names of addresses"],
  [`${"a.".repeat(95)}a`, "more than 189"],
])("a network's domain %s is taken unless there is a reason against it", async (dnsDomain, reason?: string) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  const changed = store.transact((tx) => updateNetwork(tx, uuid(1), { dnsDomain }));
  if (reason === undefined) expect((await changed).result.dnsDomain).toBe(dnsDomain);
  else
    expect(await refusal(changed)).toMatchObject({
      code: "MODEL__INVALID_DNS_DOMAIN",
      context: { reason: expect.stringContaining(reason) as string },
    });
});
