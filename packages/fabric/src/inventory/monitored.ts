import type { OpenVswitch, ReplicaRow } from "@loomstack/ovsdb";
import type { ReplicaTablesOf } from "@loomstack/ovsdb/open-vswitch";

/** What is monitored of a hypervisor's database: no statistics, which change all the time. */
export const monitored = {
  Open_vSwitch: ["bridges", "external_ids", "other_config", "ovs_version", "datapath_types"],
  Bridge: ["name", "datapath_type", "datapath_id", "ports", "controller", "protocols", "fail_mode", "external_ids"],
  Port: ["name", "interfaces", "tag", "external_ids"],
  Interface: [
    "name",
    "type",
    "options",
    "ofport",
    "error",
    "external_ids",
    "mac_in_use",
    "admin_state",
    "link_state",
    "mtu",
  ],
  SSL: ["certificate"],
  Controller: ["target", "connection_mode", "max_backoff", "inactivity_probe", "enable_async_messages", "external_ids"],
} as const;

/** The monitored tables of one hypervisor, by name. */
export type HypervisorTables = ReplicaTablesOf<typeof monitored>;

type MonitoredRow<T extends keyof typeof monitored> = ReplicaRow<OpenVswitch, typeof monitored, T>;
export type RootRow = MonitoredRow<"Open_vSwitch">;
export type BridgeRow = MonitoredRow<"Bridge">;
export type PortRow = MonitoredRow<"Port">;
export type InterfaceRow = MonitoredRow<"Interface">;
