import { expect, test } from "vitest";
import { uuid } from "../store-under-test.ts";
import { listSubnets } from "../subnet.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const rows = `
  INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, tunnel_key, revision)
    VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'gre', 1, 1);
  INSERT INTO subnets (id, network_id, name, tenant_id, cidr, enable_dhcp, search_from, revision)
    VALUES ('${uuid(2)}', '${uuid(1)}', 's', 't', '2001:db8::/64', 1, 2, 1);
`;

test("a subnet of the release before has no modes and no name servers, and is otherwise as it was", async () => {
  await using store = await storeFromBefore("0007", rows);
  const added = { ipv6RaMode: null, ipv6AddressMode: null, dnsNameservers: [] };
  expect(await listSubnets(store.db)).toMatchObject([
    { id: uuid(2), cidr: "2001:db8::/64", enableDhcp: true, ...added },
  ]);
});
