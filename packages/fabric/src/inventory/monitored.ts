import type { Uuid } from "@loomstack/core";
import type { openVswitch, Row } from "@loomstack/ovsdb";

/** What is monitored of a hypervisor's database: no statistics, which change all the time. */
export const monitored = {
  Open_vSwitch: ["bridges", "external_ids", "other_config", "ovs_version", "datapath_types"],
  Bridge: ["name", "datapath_type", "datapath_id", "ports", "controller", "protocols", "fail_mode", "external_ids"],
  Port: ["name", "interfaces", "tag", "external_ids"],
  Interface: ["name", "type", "options", "ofport", "error", "external_ids", "mac_in_use"],
  Controller: ["target", "connection_mode", "external_ids"],
} as const;

type Schema = typeof openVswitch;
export type OpenVswitchRow = Pick<Row<Schema, "Open_vSwitch">, (typeof monitored)["Open_vSwitch"][number]>;
export type BridgeRow = Pick<Row<Schema, "Bridge">, (typeof monitored)["Bridge"][number]>;
export type PortRow = Pick<Row<Schema, "Port">, (typeof monitored)["Port"][number]>;
export type InterfaceRow = Pick<Row<Schema, "Interface">, (typeof monitored)["Interface"][number]>;
export type ControllerRow = Pick<Row<Schema, "Controller">, (typeof monitored)["Controller"][number]>;

/** The monitored tables of one hypervisor. */
export interface HypervisorTables {
  readonly openVswitch: ReadonlyMap<Uuid, OpenVswitchRow>;
  readonly bridges: ReadonlyMap<Uuid, BridgeRow>;
  readonly ports: ReadonlyMap<Uuid, PortRow>;
  readonly interfaces: ReadonlyMap<Uuid, InterfaceRow>;
  readonly controllers: ReadonlyMap<Uuid, ControllerRow>;
}
