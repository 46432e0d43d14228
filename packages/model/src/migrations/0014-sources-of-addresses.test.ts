import { expect, test } from "vitest";
import { listExpiredAddresses, listLearntAddresses } from "../learnt-address.ts";
import { uuid } from "../store-under-test.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const rows = `
  INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, tunnel_key, revision)
    VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'gre', 1, 1);
  INSERT INTO ports (id, network_id, name, tenant_id, mac_address, device_id, device_owner, admin_state_up, revision)
    VALUES ('${uuid(3)}', '${uuid(1)}', 'p', 't', '02:00:00:00:00:03', '', '', 1, 1);
  INSERT INTO learnt_addresses (port_id, network_id, address, position, revision)
    VALUES ('${uuid(3)}', '${uuid(1)}', '10.1.0.9', 0, 1);
`;

test("what a store from before 0014 has learnt was shown in ARP, and has no end", async () => {
  await using store = await storeFromBefore("0014", rows);
  expect(await listLearntAddresses(store.db)).toMatchObject([{ addresses: [{ address: "10.1.0.9", source: "arp" }] }]);
  expect(await listExpiredAddresses(store.db, Number.MAX_SAFE_INTEGER)).toEqual([]);
});
