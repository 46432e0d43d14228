import { expect, test } from "vitest";
import { deleteNetwork, getNetwork, type NewNetwork } from "./network.ts";
import { addNetwork, dump, refusal, temporaryStore, uuid } from "./store-under-test.ts";

const vlan = (segmentationId: number | null, physicalNetwork: string | null = "physnet1"): Partial<NewNetwork> => ({
  networkType: "vlan",
  physicalNetwork,
  segmentationId,
});
const flat = (physicalNetwork: string | null = "physnet1"): Partial<NewNetwork> => ({
  networkType: "flat",
  physicalNetwork,
});

test("a network can be any VLAN of a physical network, or what has no tag there, and has a tunnel key all the same", async () => {
  await using store = await temporaryStore();
  for (const [index, given] of [vlan(1), vlan(4094), flat(), vlan(1, "physnet-2.b"), flat("physnet-2.b")].entries()) {
    const network = await addNetwork(store, index, given);
    expect(network).toMatchObject({ ...given, tunnelKey: index + 1 });
    expect(await getNetwork(store.db, uuid(index))).toEqual(network);
  }
});

test.each([
  ["a VLAN network without a VLAN", vlan(null), "which is not chosen for you"],
  ["VLAN 0", vlan(0), "from 1 to 4094"],
  ["VLAN 4095", vlan(4095), "from 1 to 4094"],
  ["half a VLAN", vlan(1.5), "from 1 to 4094"],
  ["a VLAN of no physical network", vlan(7, null), "name of a physical network"],
  ["a physical network whose name is a list", vlan(7, "a,b"), "no name of a physical network"],
  ["a physical network whose name is a mapping", flat("a:b"), "no name of a physical network"],
  ["a flat network with a VLAN", { ...flat(), segmentationId: 7 }, "no tag"],
  ["a flat network of no physical network", flat(null), "name of a physical network"],
  ["an encapsulation in a physical network", { physicalNetwork: "physnet1" }, "uses no physical network"],
] as const)("%s is refused", async (_, given, reason) => {
  await using store = await temporaryStore();
  const before = await dump(store);
  const refused = await refusal(addNetwork(store, 1, given));
  expect(refused).toMatchObject({ code: "MODEL__INVALID_SEGMENT", context: { network: uuid(1) } });
  expect(refused.message).toContain(reason);
  expect(await dump(store)).toEqual(before);
});

test.each([
  ["a VLAN", vlan(7), "VLAN 7 in physical network physnet1"],
  ["what has no tag", flat(), "untagged in physical network physnet1"],
] as const)("%s belongs to one network at most, until that is deleted", async (_, given, what) => {
  await using store = await temporaryStore();
  await addNetwork(store, 1, given);
  const refused = await refusal(addNetwork(store, 2, given));
  expect(refused).toMatchObject({ code: "MODEL__SEGMENT_IN_USE", context: { network: uuid(2) } });
  expect(refused.message).toContain(what);
  await store.transact((tx) => deleteNetwork(tx, uuid(1)));
  await addNetwork(store, 2, given);
});
