import { expect, test } from "vitest";
import { checkMostMtu, effectiveMtu } from "./mtu.ts";
import { getNetwork, updateNetwork } from "./network.ts";
import { addNetwork, addSubnet, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";

test.each([
  ["vxlan", 1450],
  ["gre", 1458],
  ["geneve", 1442],
] as const)("a %s network has what the encapsulation leaves of the underlay", (networkType, mtu) => {
  expect(effectiveMtu({ networkType, mtu: null })).toBe(mtu);
  expect(effectiveMtu({ networkType, mtu: null }, 9000)).toBe(mtu + 7500);
});

test("an MTU that was asked for counts as far as the underlay carries it", () => {
  expect(effectiveMtu({ networkType: "vxlan", mtu: 1400 })).toBe(1400);
  expect(effectiveMtu({ networkType: "vxlan", mtu: 8000 }, 1500)).toBe(1450);
  expect(() => checkMostMtu({ id: uuid(1), networkType: "vxlan", mtu: 1450 })).not.toThrow();
  expect(() => checkMostMtu({ id: uuid(1), networkType: "vxlan", mtu: 1451 })).toThrow(/at most 1450/);
  expect(() => checkMostMtu({ id: uuid(1), networkType: "vxlan", mtu: 8950 }, 9000)).not.toThrow();
});

test("an MTU is stored, changed and given up, and never less than the network's versions of IP need", async () => {
  await using store = await temporaryStore();
  expect(await addNetwork(store, 1, { mtu: 1400, networkType: "geneve" })).toMatchObject({ mtu: 1400 });
  const update = (mtu: number | null): Promise<unknown> => store.transact((tx) => updateNetwork(tx, uuid(1), { mtu }));
  await update(68);
  expect((await getNetwork(store.db, uuid(1))).mtu).toBe(68);
  await update(null);
  await addSubnet(store, 2, 1, { cidr: "2001:db8::/64", gatewayIp: null });
  const before = await dump(store);
  expect((await refusal(update(1279))).code).toBe("MODEL__INVALID_MTU");
  expect((await refusal(addNetwork(store, 2, { mtu: 67 }))).code).toBe("MODEL__INVALID_MTU");
  expect(await dump(store)).toEqual(before);
  await update(1280);
});
