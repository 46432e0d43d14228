/** Where instances can run: zones hold pods, pods hold clusters, clusters hold hosts. */
import { type Ipv4, LoomstackError, type Uuid } from "@loomstack/core";
import type { ChangeOf } from "../change.ts";
import { integer, ipv4, text } from "./column.ts";
import { nameTaken, presentOf, resourceTable } from "./resource-table.ts";

export type AllocationState = "Enabled" | "Disabled";

export interface Zone {
  readonly id: Uuid;
  readonly name: string;
  readonly networkType: "Advanced";
  readonly dns1: string;
  readonly internalDns1: string;
  /** The prefix of guest networks that don't name their own: `10.1.1.0/24`. */
  readonly guestCidr: string;
  readonly allocationState: AllocationState;
  readonly createdAt: number;
}

export interface Pod {
  readonly id: Uuid;
  readonly zoneId: Uuid;
  readonly name: string;
  readonly gateway: string | null;
  readonly netmask: string | null;
  readonly startIp: string | null;
  readonly endIp: string | null;
  readonly allocationState: AllocationState;
  readonly createdAt: number;
}

export interface Cluster {
  readonly id: Uuid;
  readonly zoneId: Uuid;
  readonly podId: Uuid;
  readonly name: string;
  readonly hypervisor: "KVM";
  readonly clusterType: "CloudManaged";
  readonly allocationState: AllocationState;
  readonly createdAt: number;
}

/** A hypervisor as the administrator added it. Whether it can be reached is observed, and not kept here. */
export interface Host {
  readonly id: Uuid;
  readonly zoneId: Uuid;
  readonly podId: Uuid;
  readonly clusterId: Uuid;
  readonly name: string;
  /** Where its ovsdb-server listens: what the controller is told. */
  readonly address: Ipv4;
  /** How its libvirt is reached: `qemu+unix:///system?socket=…`. */
  readonly libvirtUri: string;
  /** `qemu` where /dev/kvm is missing. */
  readonly domainType: "kvm" | "qemu";
  /** What instances may use of its memory together; null: not limited. */
  readonly memoryMib: number | null;
  readonly allocationState: AllocationState;
  readonly createdAt: number;
}

export type InfrastructureChange =
  | ChangeOf<"zone", Zone, Uuid>
  | ChangeOf<"pod", Pod, Uuid>
  | ChangeOf<"cluster", Cluster, Uuid>
  | ChangeOf<"host", Host, Uuid>;

export const zones = resourceTable<Zone>({
  resource: "zone",
  table: "zones",
  columns: {
    id: text<Uuid>(),
    name: text(),
    networkType: text<"Advanced">(),
    dns1: text(),
    internalDns1: text(),
    guestCidr: text(),
    allocationState: text<AllocationState>(),
    createdAt: integer(),
  },
  conflicts: { name: nameTaken("zone") },
  change: (id, before, after) => ({ resource: "zone", id, ...presentOf(before, after) }),
});

export const pods = resourceTable<Pod>({
  resource: "pod",
  table: "pods",
  columns: {
    id: text<Uuid>(),
    zoneId: text<Uuid>(),
    name: text(),
    gateway: text<string | null>(),
    netmask: text<string | null>(),
    startIp: text<string | null>(),
    endIp: text<string | null>(),
    allocationState: text<AllocationState>(),
    createdAt: integer(),
  },
  conflicts: { "zone_id, name": nameTaken("pod") },
  change: (id, before, after) => ({ resource: "pod", id, ...presentOf(before, after) }),
});

export const clusters = resourceTable<Cluster>({
  resource: "cluster",
  table: "clusters",
  columns: {
    id: text<Uuid>(),
    zoneId: text<Uuid>(),
    podId: text<Uuid>(),
    name: text(),
    hypervisor: text<"KVM">(),
    clusterType: text<"CloudManaged">(),
    allocationState: text<AllocationState>(),
    createdAt: integer(),
  },
  conflicts: { "pod_id, name": nameTaken("cluster") },
  change: (id, before, after) => ({ resource: "cluster", id, ...presentOf(before, after) }),
});

export const hosts = resourceTable<Host>({
  resource: "host",
  table: "hosts",
  columns: {
    id: text<Uuid>(),
    zoneId: text<Uuid>(),
    podId: text<Uuid>(),
    clusterId: text<Uuid>(),
    name: text(),
    address: ipv4(),
    libvirtUri: text(),
    domainType: text<"kvm" | "qemu">(),
    memoryMib: integer<number | null>(),
    allocationState: text<AllocationState>(),
    createdAt: integer(),
  },
  conflicts: {
    address: (host) => new LoomstackError("CLOUD__HOST_EXISTS", { what: `the address ${host.address}` }),
    libvirt_uri: (host) => new LoomstackError("CLOUD__HOST_EXISTS", { what: `the libvirt URI ${host.libvirtUri}` }),
  },
  change: (id, before, after) => ({ resource: "host", id, ...presentOf(before, after) }),
});
