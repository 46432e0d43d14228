import { systemClock } from "@loomstack/core";
import { expect, test } from "vitest";
import { listNetworks } from "../network.ts";
import { listPorts } from "../port.ts";
import { uuid } from "../store-under-test.ts";
import { listSubnets } from "../subnet.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const rows = `
  INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, tunnel_key, revision)
    VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'gre', 1, 1);
  INSERT INTO subnets (id, network_id, name, tenant_id, cidr, enable_dhcp, search_from, revision)
    VALUES ('${uuid(2)}', '${uuid(1)}', 's', 't', '10.1.0.0/24', 1, 2, 1);
  INSERT INTO ports (id, network_id, name, tenant_id, mac_address, device_id, device_owner, admin_state_up, revision)
    VALUES ('${uuid(3)}', '${uuid(1)}', 'p', 't', '02:00:00:00:00:03', '', '', 1, 1);
`;

test("what is in a store from before 0021 is dated with the day on which it was opened first", async () => {
  const before = Math.floor(systemClock.now() / 1_000) * 1_000;
  await using store = await storeFromBefore("0021", rows);
  const all = [...(await listNetworks(store.db)), ...(await listSubnets(store.db)), ...(await listPorts(store.db))];
  expect(all).toHaveLength(3);
  for (const { description, tags, createdAt, updatedAt } of all) {
    expect([description, tags]).toEqual(["", []]);
    expect(createdAt).toBeGreaterThanOrEqual(before);
    expect(updatedAt).toBe(createdAt);
  }
});
