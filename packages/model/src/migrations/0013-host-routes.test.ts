import { expect, test } from "vitest";
import { createPort, listPorts } from "../port.ts";
import { listNetworks } from "../network.ts";
import { newPort, uuid } from "../store-under-test.ts";
import { listSubnets } from "../subnet.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const rows = `
  INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, tunnel_key, revision)
    VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'gre', 1, 1);
  INSERT INTO subnets (id, network_id, name, tenant_id, cidr, enable_dhcp, search_from, revision)
    VALUES ('${uuid(2)}', '${uuid(1)}', 's', 't', '2001:db8::/64', 1, 2, 1);
  INSERT INTO ports (id, network_id, name, tenant_id, mac_address, device_id, device_owner, admin_state_up, revision)
    VALUES ('${uuid(3)}', '${uuid(1)}', 'p', 't', '02:00:00:00:00:03', '', '', 1, 1),
      ('${uuid(4)}', '${uuid(1)}', 'p', 't', '02:00:00:00:00:04', '', '', 1, 1);
`;

test("a store from before 0011 has no names and no routes, its networks learn as they did, and names can be given", async () => {
  await using store = await storeFromBefore("0011", rows);
  expect(await listNetworks(store.db)).toMatchObject([{ dnsDomain: null, learnsAddresses: true }]);
  expect(await listSubnets(store.db)).toMatchObject([{ hostRoutes: [] }]);
  expect(await listPorts(store.db)).toMatchObject([{ dnsName: null }, { dnsName: null }]);
  await store.transact((tx) => createPort(tx, newPort(5, 1, { dnsName: "web" })));
  expect((await listPorts(store.db)).map(({ dnsName }) => dnsName)).toContain("web");
});
