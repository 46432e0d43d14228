import type { Dpid, Ipv4, OfPort, Uuid } from "@loomstack/core";
import type { BridgeName } from "../pipeline/tables.ts";
import type { HypervisorTables } from "./monitored.ts";
import {
  guestInterfaces,
  identitiesOf,
  observedBridges,
  type ObservedBridge,
  systemIdOf,
  tunnelEndpointOf,
} from "./observed-bridges.ts";

/** What a hypervisor's database says of it, read at one time. */
export interface ObservedHypervisor {
  readonly tables: HypervisorTables;
  /** Undefined where ovs-vswitchd was never set up. */
  readonly systemId: string | undefined;
  /** Where its tunnels end. */
  readonly endpoint: Ipv4;
  /** By name. */
  readonly bridges: ReadonlyMap<string, ObservedBridge>;
  /** Its bridges named as ours are, by datapath id and by row. */
  readonly dpids: ReadonlyMap<Dpid, BridgeName>;
  readonly rows: ReadonlyMap<BridgeName, Uuid>;
  /** The guests' interfaces by port id; the value is undefined while Open vSwitch gives no OpenFlow port. */
  readonly interfaces: ReadonlyMap<Uuid, OfPort | undefined>;
  /** The same the other way round. */
  readonly guests: ReadonlyMap<OfPort, Uuid>;
  /** The ports that have an interface. */
  readonly ports: ReadonlySet<Uuid>;
}

/** @param managedAt the address that the hypervisor is managed by: that of the other end of its connection */
export function observeHypervisor(tables: HypervisorTables, managedAt: Ipv4): ObservedHypervisor {
  const bridges = observedBridges(tables);
  const interfaces = guestInterfaces(bridges);
  return {
    tables,
    systemId: systemIdOf(tables),
    endpoint: tunnelEndpointOf(tables, managedAt),
    bridges,
    ...identitiesOf(bridges),
    interfaces,
    guests: new Map([...interfaces].flatMap(([id, ofPort]) => (ofPort === undefined ? [] : [[ofPort, id] as const]))),
    ports: new Set(interfaces.keys()),
  };
}
