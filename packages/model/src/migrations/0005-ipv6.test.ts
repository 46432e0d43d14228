import { expect, test } from "vitest";
import { createNetwork, listNetworks } from "../network.ts";
import { createPort, getPort, listPorts } from "../port.ts";
import { newNetwork, newPort, refusal, uuid } from "../store-under-test.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const address = (10 << 24) + (1 << 16) + 2;
/** One network with a port that has 10.1.0.2, and the search at 10.1.0.3. */
const rows = `
  INSERT INTO networks VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'gre', NULL, 1, 1);
  INSERT INTO subnets VALUES ('${uuid(2)}', '${uuid(1)}', 's', 't', '10.1.0.0/24', NULL, 1, ${address + 1}, 1);
  INSERT INTO ports VALUES ('${uuid(3)}', '${uuid(1)}', 'p', 't', '02:00:00:00:00:03', '', '', 1, 1);
  INSERT INTO port_addresses VALUES ('${uuid(3)}', '${uuid(1)}', '${uuid(2)}', ${address}, 0);
  UPDATE store_revision SET revision = 1;
`;

test("what a store of the release before holds is there again, and goes on as it was", async () => {
  await using store = await storeFromBefore("0005", rows);
  expect(await listNetworks(store.db)).toMatchObject([{ id: uuid(1), networkType: "gre", mtu: null }]);
  expect(await getPort(store.db, uuid(3))).toMatchObject({
    fixedIps: [{ subnetId: uuid(2), ipAddress: "10.1.0.2" }],
    portSecurityEnabled: true,
    allowedAddressPairs: [],
  });
  await store.transact((tx) => createPort(tx, newPort(4, 1)));
  expect((await getPort(store.db, uuid(4))).fixedIps).toEqual([{ subnetId: uuid(2), ipAddress: "10.1.0.3" }]);
  const geneve = { networkType: "geneve" } as const;
  await store.transact((tx) => createNetwork(tx, newNetwork(5, geneve)));
  const again = store.transact((tx) =>
    createPort(tx, newPort(6, 1, { fixedIps: [{ ipAddress: "10.1.0.2" as never }] })),
  );
  expect((await refusal(again)).code).toBe("MODEL__ADDRESS_IN_USE");
  expect(await listPorts(store.db)).toHaveLength(2);
});
