import { type Ip, parseIp } from "@loomstack/core";
import { expect, test } from "vitest";
import { deletePort, updatePort } from "./port.ts";
import type { Store } from "./store.ts";
import { addNetwork, addPort, addSubnet, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";

/** Network 1 with the subnets 2 (10.1.0.0/24) and 4 (2001:db8::/64). */
async function dualStack(): Promise<Store> {
  const store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1);
  await addSubnet(store, 4, 1, { cidr: "2001:db8::/64", gatewayIp: parseIp("2001:db8::1") });
  return store;
}

const addresses = (port: { readonly fixedIps: readonly { readonly ipAddress: Ip }[] }): string[] =>
  port.fixedIps.map(({ ipAddress }) => ipAddress);

test("a port of a network with both versions gets the lowest free address of each", async () => {
  await using store = await dualStack();
  expect(addresses(await addPort(store, 11, 1))).toEqual(["10.1.0.2", "2001:db8::2"]);
  expect(addresses(await addPort(store, 12, 1))).toEqual(["10.1.0.3", "2001:db8::3"]);
  await store.transact((tx) => deletePort(tx, uuid(11)));
  expect(addresses(await addPort(store, 13, 1))).toEqual(["10.1.0.2", "2001:db8::2"]);
});

test("a port may have any address of the prefix, and keeps it", async () => {
  await using store = await dualStack();
  const last = parseIp("2001:db8::ffff:ffff:ffff:ffff");
  const port = await addPort(store, 11, 1, { fixedIps: [{ ipAddress: last }, { subnetId: uuid(4) }] });
  expect(addresses(port)).toEqual([last, "2001:db8::2"]);
  const { result } = await store.transact((tx) =>
    updatePort(tx, uuid(11), { fixedIps: [{ subnetId: uuid(4) }, { subnetId: uuid(2) }] }),
  );
  expect(addresses(result)).toEqual([last, "10.1.0.2"]);
  await store.transact((tx) => deletePort(tx, uuid(11)));
  expect(addresses(await addPort(store, 12, 1, { fixedIps: [{ ipAddress: last }] }))).toEqual([last]);
});

test.each([
  ["an address of another port", "2001:db8::2", "MODEL__ADDRESS_IN_USE"],
  ["a far address of another port", "2001:db8::8000:0:0:1", "MODEL__ADDRESS_IN_USE"],
  ["the gateway's address", "2001:db8::1", "MODEL__INVALID_ADDRESS"],
  ["the routers' anycast address", "2001:db8::", "MODEL__INVALID_ADDRESS"],
  ["an address of no subnet", "2001:db8:1::2", "MODEL__INVALID_ADDRESS"],
])("a port with %s is refused and nothing changes", async (_, address, code) => {
  await using store = await dualStack();
  const fixedIps = ["2001:db8::2", "2001:db8::8000:0:0:1"].map((one) => ({ ipAddress: parseIp(one) }));
  await addPort(store, 11, 1, { fixedIps });
  const before = await dump(store);
  expect((await refusal(addPort(store, 12, 1, { fixedIps: [{ ipAddress: parseIp(address) }] }))).code).toBe(code);
  expect(await dump(store)).toEqual(before);
});

test("a subnet gives out each of its addresses once, the last one too", async () => {
  await using store = await temporaryStore();
  await addNetwork(store, 1);
  await addSubnet(store, 2, 1, { cidr: "2001:db8::/126", gatewayIp: parseIp("fe80::1") });
  const given: string[] = [];
  for (const number of [11, 12, 13]) given.push(...addresses(await addPort(store, number, 1)));
  expect(given).toEqual(["2001:db8::1", "2001:db8::2", "2001:db8::3"]);
  expect((await refusal(addPort(store, 14, 1))).code).toBe("MODEL__ADDRESSES_EXHAUSTED");
});
