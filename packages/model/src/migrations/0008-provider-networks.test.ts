import { expect, test } from "vitest";
import { createNetwork, listNetworks } from "../network.ts";
import { newNetwork, uuid } from "../store-under-test.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const rows = `
  INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, segmentation_id, tunnel_key, revision)
    VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'geneve', 100, 1, 1), ('${uuid(2)}', 'n', 't', 0, 1, 'gre', 100, 2, 1);
`;

test("networks of a store of before keep their encapsulation, and provider networks can be made beside them", async () => {
  await using store = await storeFromBefore("0008", rows);
  const provider = { networkType: "vlan", physicalNetwork: "physnet1", segmentationId: 100 } as const;
  await store.transact((tx) => createNetwork(tx, newNetwork(3, provider)));
  expect(await listNetworks(store.db)).toMatchObject([
    { networkType: "geneve", segmentationId: 100, physicalNetwork: null },
    { networkType: "gre", segmentationId: 100, physicalNetwork: null },
    provider,
  ]);
});
