/** What users choose from: offerings for networks and instances, and templates to boot. */
import type { Uuid } from "@loomstack/core";
import type { ChangeOf } from "../change.ts";
import { integer, json, text } from "./column.ts";
import { nameTaken, presentOf, resourceTable } from "./resource-table.ts";

export interface NetworkOffering {
  readonly id: Uuid;
  readonly name: string;
  readonly displayText: string;
  readonly guestIpType: "Isolated";
  readonly trafficType: "Guest";
  readonly availability: "Optional" | "Required";
  readonly state: "Enabled" | "Disabled";
  /** Which provider gives which service: `{ Connectivity: "Opendaylight" }`. */
  readonly services: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

export interface ServiceOffering {
  readonly id: Uuid;
  readonly name: string;
  readonly displayText: string;
  readonly cpuNumber: number;
  /** In MHz; shown, and not enforced. */
  readonly cpuSpeedMhz: number;
  readonly memoryMib: number;
  readonly createdAt: number;
}

/** A kernel and an initial RAM file system that lie on every host. */
export interface Template {
  readonly id: Uuid;
  readonly name: string;
  readonly displayText: string;
  readonly account: string;
  readonly format: "KERNEL";
  readonly hypervisor: "KVM";
  /** `file:///…` on the hosts. */
  readonly kernelUrl: string;
  readonly initrdUrl: string;
  /** What the kernel's command line starts with; the addresses of the instance follow. */
  readonly commandLine: string;
  readonly createdAt: number;
}

export type OfferingChange =
  | ChangeOf<"networkOffering", NetworkOffering, Uuid>
  | ChangeOf<"serviceOffering", ServiceOffering, Uuid>
  | ChangeOf<"template", Template, Uuid>;

export const networkOfferings = resourceTable<NetworkOffering>({
  resource: "network offering",
  table: "network_offerings",
  columns: {
    id: text<Uuid>(),
    name: text(),
    displayText: text(),
    guestIpType: text<"Isolated">(),
    trafficType: text<"Guest">(),
    availability: text<"Optional" | "Required">(),
    state: text<"Enabled" | "Disabled">(),
    services: json<Readonly<Record<string, string>>>(),
    createdAt: integer(),
  },
  conflicts: { name: nameTaken("network offering") },
  change: (id, before, after) => ({ resource: "networkOffering", id, ...presentOf(before, after) }),
});

export const serviceOfferings = resourceTable<ServiceOffering>({
  resource: "service offering",
  table: "service_offerings",
  columns: {
    id: text<Uuid>(),
    name: text(),
    displayText: text(),
    cpuNumber: integer(),
    cpuSpeedMhz: integer(),
    memoryMib: integer(),
    createdAt: integer(),
  },
  change: (id, before, after) => ({ resource: "serviceOffering", id, ...presentOf(before, after) }),
});

export const templates = resourceTable<Template>({
  resource: "template",
  table: "templates",
  columns: {
    id: text<Uuid>(),
    name: text(),
    displayText: text(),
    account: text(),
    format: text<"KERNEL">(),
    hypervisor: text<"KVM">(),
    kernelUrl: text(),
    initrdUrl: text(),
    commandLine: text(),
    createdAt: integer(),
  },
  change: (id, before, after) => ({ resource: "template", id, ...presentOf(before, after) }),
});
