/** What carries guest traffic in a zone: physical networks, their traffic types, service providers and controllers. */
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { ChangeOf } from "../change.ts";
import { integer, json, text } from "./column.ts";
import { nameTaken, presentOf, resourceTable } from "./resource-table.ts";

export interface PhysicalNetwork {
  readonly id: Uuid;
  readonly zoneId: Uuid;
  readonly name: string;
  /**
   * `ODL`, and at most one of `VXLAN` (which is meant when none is there) and `GRE`: the encapsulation that the
   * controller is asked for.
   */
  readonly isolationMethods: readonly string[];
  readonly state: "Enabled" | "Disabled";
  readonly createdAt: number;
}

export interface TrafficType {
  readonly id: Uuid;
  readonly physicalNetworkId: Uuid;
  readonly trafficType: "Guest";
  /** The bridge that guests' interfaces are plugged into on a KVM host: `br-int`. */
  readonly kvmNetworkLabel: string;
  readonly createdAt: number;
}

export type ProviderState = "Disabled" | "Enabled" | "Shutdown";

export interface NetworkServiceProvider {
  readonly id: Uuid;
  readonly physicalNetworkId: Uuid;
  readonly name: "Opendaylight";
  readonly state: ProviderState;
  readonly createdAt: number;
}

/** A controller that speaks OpenDaylight's REST calls, and the credentials to call it with. */
export interface OpenDaylightController {
  readonly id: Uuid;
  readonly physicalNetworkId: Uuid;
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly createdAt: number;
}

export type PhysicalNetworkChange =
  | ChangeOf<"physicalNetwork", PhysicalNetwork, Uuid>
  | ChangeOf<"trafficType", TrafficType, Uuid>
  | ChangeOf<"networkServiceProvider", NetworkServiceProvider, Uuid>
  | ChangeOf<"openDaylightController", OpenDaylightController, Uuid>;

export const physicalNetworks = resourceTable<PhysicalNetwork>({
  resource: "physical network",
  table: "physical_networks",
  columns: {
    id: text<Uuid>(),
    zoneId: text<Uuid>(),
    name: text(),
    isolationMethods: json<readonly string[]>(),
    state: text<"Enabled" | "Disabled">(),
    createdAt: integer(),
  },
  conflicts: { "zone_id, name": nameTaken("physical network") },
  change: (id, before, after) => ({ resource: "physicalNetwork", id, ...presentOf(before, after) }),
});

export const trafficTypes = resourceTable<TrafficType>({
  resource: "traffic type",
  table: "traffic_types",
  columns: {
    id: text<Uuid>(),
    physicalNetworkId: text<Uuid>(),
    trafficType: text<"Guest">(),
    kvmNetworkLabel: text(),
    createdAt: integer(),
  },
  conflicts: {
    "physical_network_id, traffic_type": (value) =>
      new LoomstackError("CLOUD__NAME_IN_USE", { resource: "traffic type", name: value.trafficType }),
  },
  change: (id, before, after) => ({ resource: "trafficType", id, ...presentOf(before, after) }),
});

export const networkServiceProviders = resourceTable<NetworkServiceProvider>({
  resource: "network service provider",
  table: "network_service_providers",
  columns: {
    id: text<Uuid>(),
    physicalNetworkId: text<Uuid>(),
    name: text<"Opendaylight">(),
    state: text<ProviderState>(),
    createdAt: integer(),
  },
  conflicts: { "physical_network_id, name": nameTaken("network service provider") },
  change: (id, before, after) => ({ resource: "networkServiceProvider", id, ...presentOf(before, after) }),
});

export const openDaylightControllers = resourceTable<OpenDaylightController>({
  resource: "OpenDaylight controller",
  table: "opendaylight_controllers",
  columns: {
    id: text<Uuid>(),
    physicalNetworkId: text<Uuid>(),
    name: text(),
    url: text(),
    username: text(),
    password: text(),
    createdAt: integer(),
  },
  conflicts: {
    "physical_network_id, url": (value) =>
      new LoomstackError("CLOUD__NAME_IN_USE", { resource: "OpenDaylight controller", name: value.url }),
  },
  change: (id, before, after) => ({ resource: "openDaylightController", id, ...presentOf(before, after) }),
});
