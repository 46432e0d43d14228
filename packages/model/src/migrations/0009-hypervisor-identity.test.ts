import { expect, test } from "vitest";
import { listBindings } from "../binding.ts";
import { listEvents } from "../event.ts";
import { listNodes } from "../node.ts";
import { uuid } from "../store-under-test.ts";
import { listTunnelEndpoints } from "../tunnel-endpoint.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const port = (number: number): string =>
  `INSERT INTO ports (id, network_id, name, tenant_id, mac_address, device_id, device_owner, admin_state_up, revision)
    VALUES ('${uuid(number)}', '${uuid(1)}', '', '', '02:00:00:00:00:0${number - 10}', '', '', 1, 1)`;

/** As the release before left it: a is a hypervisor, b and c were names of one, d was never ready. */
const rows = [
  `INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, tunnel_key, revision)
    VALUES ('${uuid(1)}', '', '', 0, 1, 'vxlan', 1, 1)`,
  ...[11, 12, 13, 14].map(port),
  `INSERT INTO nodes (type, id, address, port, system_id, revision) VALUES
    ('OVS', 'a', '10.0.0.1', 6640, 'system-a', 1), ('OVS', 'b', '10.0.0.2', 6640, 'system-b', 3),
    ('OVS', 'c', '10.0.0.3', 6640, 'system-b', 2), ('OVS', 'd', '10.0.0.4', 6640, NULL, 4)`,
  `INSERT INTO port_bindings (port_id, node_key, arriving_at, revision) VALUES
    ('${uuid(11)}', 'OVS/a', NULL, 1), ('${uuid(12)}', 'OVS/c', 'OVS/a', 1), ('${uuid(13)}', 'OVS/a', 'OVS/gone', 1),
    ('${uuid(14)}', 'OVS/gone', NULL, 1)`,
  `INSERT INTO tunnel_endpoints (node_key, address, revision) VALUES
    ('OVS/a', '192.0.2.1', 1), ('OVS/b', '192.0.2.2', 3), ('OVS/c', '192.0.2.3', 2)`,
  `INSERT INTO events (at, severity, kind, hypervisor, message) VALUES
    (1, 'info', 'k', 'OVS/a', ''), (2, 'info', 'k', 'OVS/gone', ''), (3, 'info', 'k', NULL, '')`,
];

test("what a store of the release before says of a hypervisor by its name, it says by its system-id", async () => {
  await using store = await storeFromBefore("0009", rows.join(";"));
  expect(await listNodes(store.db)).toEqual([
    { systemId: "system-a", type: "OVS", id: "a", address: "10.0.0.1", port: 6640, certificate: null, revision: 1 },
    { systemId: "system-b", type: "OVS", id: "b", address: "10.0.0.2", port: 6640, certificate: null, revision: 3 },
  ]);
  expect(
    (await listBindings(store.db)).map(({ portId, nodeKey, arrivingAt }) => [portId, nodeKey, arrivingAt]),
  ).toEqual([
    [uuid(11), "system-a", undefined],
    [uuid(12), "system-b", "system-a"],
    [uuid(13), "system-a", undefined],
  ]);
  expect((await listTunnelEndpoints(store.db)).map(({ nodeKey, address }) => [nodeKey, address])).toEqual([
    ["system-a", "192.0.2.1"],
    ["system-b", "192.0.2.2"],
  ]);
  const events = await listEvents(store.db, { since: 0, limit: 10 });
  expect(events.map(({ hypervisor }) => hypervisor)).toEqual(["system-a", "OVS/gone", undefined]);
});
