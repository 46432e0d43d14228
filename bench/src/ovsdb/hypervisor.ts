/** A database as that of a hypervisor with many guests: what ovs-vswitchd and libvirt have written is there. */
import { silentLogger, systemClock } from "@loomstack/core";
import {
  connectOvsdb,
  insert,
  mutate,
  namedUuid,
  openVswitch,
  type Operation,
  type OvsdbClient,
} from "@loomstack/ovsdb";

const bridges = ["br-int", "br-tun", "br-ex"] as const;
/** Ports that are added in one transaction. */
const portsAtOnce = 250;

/**
 * Fills an empty Open_vSwitch database: a row of Open_vSwitch, three of Bridge, and the rest ports with an interface
 * each.
 *
 * @param rows how many it shall have, an even number
 */
export async function fillHypervisor(remote: string, rows: number): Promise<void> {
  await using client = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
  await client.transact("Open_vSwitch", [
    insert(openVswitch, "Open_vSwitch", {
      bridges: new Set(bridges.map((name) => namedUuid(name.replace("-", "_")))),
      external_ids: new Map([["system-id", uuidText(0)]]),
      ovs_version: "3.1.0",
    }),
    ...bridges.map((name, index) =>
      insert(
        openVswitch,
        "Bridge",
        { name, datapath_id: `0000${macText(index).replaceAll(":", "")}`, fail_mode: "secure" },
        { uuidName: namedUuid(name.replace("-", "_")) },
      ),
    ),
  ]);
  const ports = (rows - 1 - bridges.length) / 2;
  for (let first = 0; first < ports; first += portsAtOnce) {
    await addPorts(client, first, Math.min(first + portsAtOnce, ports));
  }
}

async function addPorts(client: OvsdbClient, first: number, end: number): Promise<void> {
  const indexes = Array.from({ length: end - first }, (_, offset) => first + offset);
  await client.transact("Open_vSwitch", [
    ...indexes.flatMap(portOperations),
    mutate(
      openVswitch,
      "Bridge",
      [["name", "==", "br-int"]],
      [["ports", "insert", new Set(indexes.map((index) => namedUuid(`port${index}`)))]],
    ),
  ]);
}

function portOperations(index: number): readonly Operation[] {
  const name = interfaceName(index);
  return [
    insert(
      openVswitch,
      "Port",
      { name, interfaces: new Set([namedUuid(`interface${index}`)]), tag: 1 + (index % 4000) },
      { uuidName: namedUuid(`port${index}`) },
    ),
    insert(
      openVswitch,
      "Interface",
      {
        name,
        admin_state: "up",
        external_ids: new Map([
          ["attached-mac", macText(index)],
          ["iface-id", uuidText(index)],
          ["iface-status", "active"],
          ["vm-uuid", uuidText(1_000_000 + index)],
        ]),
        ifindex: 100 + index,
        link_speed: 10_000_000,
        link_state: "up",
        mac_in_use: macText(index),
        mtu: 1500,
        ofport: 1 + (index % 65_000),
        options: new Map([["qos-profile", `gold-${index % 10}`]]),
        statistics: statisticsOf(index, 0),
        status: new Map([
          ["driver_name", "tun"],
          ["driver_version", "1.6"],
          ["firmware_version", ""],
        ]),
      },
      { uuidName: namedUuid(`interface${index}`) },
    ),
  ];
}

/** The name of a port and of its interface; `index` counts from 0. */
export function interfaceName(index: number): string {
  return `tap${index.toString(16).padStart(8, "0")}-${(index % 256).toString(16)}`;
}

/** The counters of an interface after `round` rounds of traffic. */
export function statisticsOf(index: number, round: number): ReadonlyMap<string, number> {
  const packets = (index + 1) * 1_000 * round;
  return new Map([
    ["collisions", 0],
    ["rx_bytes", packets * 700],
    ["rx_crc_err", 0],
    ["rx_dropped", index % 7],
    ["rx_errors", 0],
    ["rx_frame_err", 0],
    ["rx_over_err", 0],
    ["rx_packets", packets],
    ["tx_bytes", packets * 300],
    ["tx_dropped", index % 5],
    ["tx_errors", 0],
    ["tx_packets", packets / 2],
  ]);
}

/** The round that `statisticsOf` was called with. */
export function roundOf(index: number, statistics: ReadonlyMap<string, number | bigint>): number {
  return Number(statistics.get("rx_packets") ?? 0) / 1_000 / (index + 1);
}

function macText(index: number): string {
  const digits = (index % 2 ** 24).toString(16).padStart(6, "0");
  return `52:54:00:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
}

function uuidText(index: number): string {
  return `6d3c1f2a-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}
