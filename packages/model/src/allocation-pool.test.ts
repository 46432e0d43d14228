import { parseIp } from "@loomstack/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AllocationPool, allocationPoolLimit, allocationPools } from "./allocation-pool.ts";
import type { Store } from "./store.ts";
import { addNetwork, addPort, addSubnet, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";
import { updateSubnet } from "./subnet-changes.ts";

let store: Store;

beforeEach(async () => {
  store = await temporaryStore();
  await addNetwork(store, 1);
});

afterEach(() => store[Symbol.asyncDispose]());

function pool(start: string, end: string): AllocationPool {
  return { start: parseIp(start), end: parseIp(end) };
}

async function addressOf(number: number): Promise<string | undefined> {
  return (await addPort(store, number, 1)).fixedIps[0]?.ipAddress;
}

test("without pools, all addresses of hosts but the gateway's are given out", async () => {
  const middle = await addSubnet(store, 2, 1, { gatewayIp: parseIp("10.1.0.9") });
  expect(allocationPools(middle)).toEqual([pool("10.1.0.1", "10.1.0.8"), pool("10.1.0.10", "10.1.0.254")]);
  const none = await addSubnet(store, 3, 1, { cidr: "10.2.0.0/30", gatewayIp: null });
  expect(allocationPools(none)).toEqual([pool("10.2.0.1", "10.2.0.2")]);
});

test("addresses are given out pool by pool, the lowest first, until there are no more", async () => {
  const pools = [pool("10.1.0.20", "10.1.0.21"), pool("10.1.0.10", "10.1.0.10")];
  await addSubnet(store, 2, 1, { allocationPools: pools });
  expect([await addressOf(3), await addressOf(4), await addressOf(5)]).toEqual(["10.1.0.10", "10.1.0.20", "10.1.0.21"]);
  expect(await refusal(addressOf(6))).toMatchObject({ code: "MODEL__ADDRESSES_EXHAUSTED" });
});

test("an address outside the pools can be asked for, and stays when the pools change", async () => {
  await addSubnet(store, 2, 1, { allocationPools: [pool("10.1.0.20", "10.1.0.21")] });
  const named = await addPort(store, 3, 1, { fixedIps: [{ ipAddress: parseIp("10.1.0.5") }] });
  expect(named.fixedIps).toMatchObject([{ ipAddress: "10.1.0.5" }]);
  expect(await addressOf(4)).toBe("10.1.0.20");
  await store.transact((tx) => updateSubnet(tx, uuid(2), { allocationPools: [pool("10.1.0.4", "10.1.0.6")] }));
  expect([await addressOf(5), await addressOf(6)]).toEqual(["10.1.0.4", "10.1.0.6"]);
});

test.each([
  ["that ends before it starts", [pool("10.1.0.9", "10.1.0.8")]],
  ["of addresses elsewhere", [pool("10.2.0.2", "10.2.0.8")]],
  ["with the broadcast address", [pool("10.1.0.2", "10.1.0.255")]],
  ["of another version of IP", [pool("2001:db8::1", "2001:db8::2")]],
  ["that is in another", [pool("10.1.0.2", "10.1.0.9"), pool("10.1.0.3", "10.1.0.4")]],
  ["that another is in", [pool("10.1.0.3", "10.1.0.4"), pool("10.1.0.2", "10.1.0.9")]],
  ["too many", Array.from({ length: allocationPoolLimit + 1 }, (_, n) => pool(`10.1.0.${n + 2}`, `10.1.0.${n + 2}`))],
])("a pool %s is refused, and nothing changes", async (_, pools) => {
  const before = await dump(store);
  const made = addSubnet(store, 2, 1, { allocationPools: pools });
  expect(await refusal(made)).toMatchObject({ code: "MODEL__INVALID_ALLOCATION_POOL" });
  expect(await dump(store)).toEqual(before);
});

test("the counting of addresses ends where numbers aren't exact", async () => {
  const range = { cidr: "2001:db8::/64", gatewayIp: null };
  const far = addSubnet(store, 2, 1, {
    ...range,
    allocationPools: [pool("2001:db8::100:0:0:0", "2001:db8::100:0:0:9")],
  });
  expect(await refusal(far)).toMatchObject({ code: "MODEL__INVALID_ALLOCATION_POOL" });
  await addSubnet(store, 3, 1, { ...range, allocationPools: [pool("2001:db8::9", "2001:db8::ffff:ffff:ffff:ffff")] });
  expect(await addressOf(4)).toBe("2001:db8::9");
});

describe("the gateway", () => {
  test("is in no pool, from the start", async () => {
    const made = addSubnet(store, 2, 1, { allocationPools: [pool("10.1.0.1", "10.1.0.9")] });
    expect(await refusal(made)).toMatchObject({ code: "MODEL__GATEWAY_IN_ALLOCATION_POOL" });
  });

  test("doesn't move into one", async () => {
    await addSubnet(store, 2, 1, { allocationPools: [pool("10.1.0.2", "10.1.0.9")] });
    const moved = store.transact((tx) => updateSubnet(tx, uuid(2), { gatewayIp: parseIp("10.1.0.5") }));
    expect(await refusal(moved)).toMatchObject({ code: "MODEL__GATEWAY_IN_ALLOCATION_POOL" });
  });
});
