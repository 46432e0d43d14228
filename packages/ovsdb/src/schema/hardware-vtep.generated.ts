// Made from packages/ovsdb/schemas/vtep.ovsschema (Open vSwitch 3.7.1, Apache-2.0)
// by packages/ovsdb/scripts/generate-schema.ts; don't edit.
import type { DatabaseSchema } from "./schema.ts";

/** The schema of database hardware_vtep, version 1.7.0. */
export const hardwareVtep = {
  name: "hardware_vtep",
  version: "1.7.0",
  tables: {
    Global: {
      columns: {
        managers: { key: { type: "uuid", refTable: "Manager" }, min: 0, max: "unlimited" },
        switches: { key: { type: "uuid", refTable: "Physical_Switch" }, min: 0, max: "unlimited" },
        other_config: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
      },
      isRoot: true,
      maxRows: 1,
    },
    Physical_Switch: {
      columns: {
        ports: { key: { type: "uuid", refTable: "Physical_Port" }, min: 0, max: "unlimited" },
        name: { key: { type: "string" }, min: 1, max: 1 },
        description: { key: { type: "string" }, min: 1, max: 1 },
        management_ips: { key: { type: "string" }, min: 0, max: "unlimited" },
        tunnel_ips: { key: { type: "string" }, min: 0, max: "unlimited" },
        tunnels: { key: { type: "uuid", refTable: "Tunnel" }, min: 0, max: "unlimited" },
        other_config: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        switch_fault_status: { key: { type: "string" }, min: 0, max: "unlimited", ephemeral: true },
      },
      isRoot: false,
      indexes: [["name"]],
    },
    Physical_Port: {
      columns: {
        name: { key: { type: "string" }, min: 1, max: 1 },
        description: { key: { type: "string" }, min: 1, max: 1 },
        vlan_bindings: {
          key: { type: "integer", minInteger: 0, maxInteger: 4095 },
          value: { type: "uuid", refTable: "Logical_Switch" },
          min: 0,
          max: "unlimited",
        },
        acl_bindings: {
          key: { type: "integer", minInteger: 0, maxInteger: 4095 },
          value: { type: "uuid", refTable: "ACL" },
          min: 0,
          max: "unlimited",
        },
        vlan_stats: {
          key: { type: "integer", minInteger: 0, maxInteger: 4095 },
          value: { type: "uuid", refTable: "Logical_Binding_Stats" },
          min: 0,
          max: "unlimited",
          ephemeral: true,
        },
        other_config: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        port_fault_status: { key: { type: "string" }, min: 0, max: "unlimited", ephemeral: true },
      },
      isRoot: false,
    },
    Tunnel: {
      columns: {
        local: { key: { type: "uuid", refTable: "Physical_Locator" }, min: 1, max: 1 },
        remote: { key: { type: "uuid", refTable: "Physical_Locator" }, min: 1, max: 1 },
        bfd_config_local: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        bfd_config_remote: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        bfd_params: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        bfd_status: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited", ephemeral: true },
      },
      isRoot: false,
    },
    Logical_Binding_Stats: {
      columns: {
        bytes_from_local: { key: { type: "integer" }, min: 1, max: 1, ephemeral: true },
        packets_from_local: { key: { type: "integer" }, min: 1, max: 1, ephemeral: true },
        bytes_to_local: { key: { type: "integer" }, min: 1, max: 1, ephemeral: true },
        packets_to_local: { key: { type: "integer" }, min: 1, max: 1, ephemeral: true },
      },
      isRoot: false,
    },
    Logical_Switch: {
      columns: {
        name: { key: { type: "string" }, min: 1, max: 1 },
        description: { key: { type: "string" }, min: 1, max: 1 },
        tunnel_key: { key: { type: "integer" }, min: 0, max: 1 },
        replication_mode: { key: { type: "string", enum: ["service_node", "source_node"] }, min: 0, max: 1 },
        other_config: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Ucast_Macs_Local: {
      columns: {
        MAC: { key: { type: "string" }, min: 1, max: 1 },
        logical_switch: { key: { type: "uuid", refTable: "Logical_Switch" }, min: 1, max: 1 },
        locator: { key: { type: "uuid", refTable: "Physical_Locator" }, min: 1, max: 1 },
        ipaddr: { key: { type: "string" }, min: 1, max: 1 },
      },
      isRoot: true,
    },
    Ucast_Macs_Remote: {
      columns: {
        MAC: { key: { type: "string" }, min: 1, max: 1 },
        logical_switch: { key: { type: "uuid", refTable: "Logical_Switch" }, min: 1, max: 1 },
        locator: { key: { type: "uuid", refTable: "Physical_Locator" }, min: 1, max: 1 },
        ipaddr: { key: { type: "string" }, min: 1, max: 1 },
      },
      isRoot: true,
    },
    Mcast_Macs_Local: {
      columns: {
        MAC: { key: { type: "string" }, min: 1, max: 1 },
        logical_switch: { key: { type: "uuid", refTable: "Logical_Switch" }, min: 1, max: 1 },
        locator_set: { key: { type: "uuid", refTable: "Physical_Locator_Set" }, min: 1, max: 1 },
        ipaddr: { key: { type: "string" }, min: 1, max: 1 },
      },
      isRoot: true,
    },
    Mcast_Macs_Remote: {
      columns: {
        MAC: { key: { type: "string" }, min: 1, max: 1 },
        logical_switch: { key: { type: "uuid", refTable: "Logical_Switch" }, min: 1, max: 1 },
        locator_set: { key: { type: "uuid", refTable: "Physical_Locator_Set" }, min: 1, max: 1 },
        ipaddr: { key: { type: "string" }, min: 1, max: 1 },
      },
      isRoot: true,
    },
    Logical_Router: {
      columns: {
        name: { key: { type: "string" }, min: 1, max: 1 },
        description: { key: { type: "string" }, min: 1, max: 1 },
        switch_binding: {
          key: { type: "string" },
          value: { type: "uuid", refTable: "Logical_Switch" },
          min: 0,
          max: "unlimited",
        },
        static_routes: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        acl_binding: { key: { type: "string" }, value: { type: "uuid", refTable: "ACL" }, min: 0, max: "unlimited" },
        other_config: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        LR_fault_status: { key: { type: "string" }, min: 0, max: "unlimited", ephemeral: true },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Arp_Sources_Local: {
      columns: {
        src_mac: { key: { type: "string" }, min: 1, max: 1 },
        locator: { key: { type: "uuid", refTable: "Physical_Locator" }, min: 1, max: 1 },
      },
      isRoot: true,
    },
    Arp_Sources_Remote: {
      columns: {
        src_mac: { key: { type: "string" }, min: 1, max: 1 },
        locator: { key: { type: "uuid", refTable: "Physical_Locator" }, min: 1, max: 1 },
      },
      isRoot: true,
    },
    Physical_Locator_Set: {
      columns: {
        locators: { key: { type: "uuid", refTable: "Physical_Locator" }, min: 1, max: "unlimited", mutable: false },
      },
      isRoot: false,
    },
    Physical_Locator: {
      columns: {
        encapsulation_type: { key: { type: "string", enum: ["vxlan_over_ipv4"] }, min: 1, max: 1, mutable: false },
        dst_ip: { key: { type: "string" }, min: 1, max: 1, mutable: false },
        tunnel_key: { key: { type: "integer" }, min: 0, max: 1 },
      },
      isRoot: false,
      indexes: [["encapsulation_type", "dst_ip", "tunnel_key"]],
    },
    ACL_entry: {
      columns: {
        sequence: { key: { type: "integer" }, min: 1, max: 1 },
        source_mac: { key: { type: "string" }, min: 0, max: 1 },
        dest_mac: { key: { type: "string" }, min: 0, max: 1 },
        ethertype: { key: { type: "string" }, min: 0, max: 1 },
        source_ip: { key: { type: "string" }, min: 0, max: 1 },
        source_mask: { key: { type: "string" }, min: 0, max: 1 },
        dest_ip: { key: { type: "string" }, min: 0, max: 1 },
        dest_mask: { key: { type: "string" }, min: 0, max: 1 },
        protocol: { key: { type: "integer" }, min: 0, max: 1 },
        source_port_min: { key: { type: "integer" }, min: 0, max: 1 },
        source_port_max: { key: { type: "integer" }, min: 0, max: 1 },
        dest_port_min: { key: { type: "integer" }, min: 0, max: 1 },
        dest_port_max: { key: { type: "integer" }, min: 0, max: 1 },
        tcp_flags: { key: { type: "integer" }, min: 0, max: 1 },
        tcp_flags_mask: { key: { type: "integer" }, min: 0, max: 1 },
        icmp_code: { key: { type: "integer" }, min: 0, max: 1 },
        icmp_type: { key: { type: "integer" }, min: 0, max: 1 },
        direction: { key: { type: "string", enum: ["ingress", "egress"] }, min: 1, max: 1 },
        action: { key: { type: "string", enum: ["permit", "deny"] }, min: 1, max: 1 },
        acle_fault_status: { key: { type: "string" }, min: 0, max: "unlimited", ephemeral: true },
      },
      isRoot: true,
    },
    ACL: {
      columns: {
        acl_entries: { key: { type: "uuid", refTable: "ACL_entry" }, min: 1, max: "unlimited" },
        acl_name: { key: { type: "string" }, min: 1, max: 1 },
        acl_fault_status: { key: { type: "string" }, min: 0, max: "unlimited", ephemeral: true },
      },
      isRoot: true,
      indexes: [["acl_name"]],
    },
    Manager: {
      columns: {
        target: { key: { type: "string" }, min: 1, max: 1 },
        max_backoff: { key: { type: "integer", minInteger: 1000 }, min: 0, max: 1 },
        inactivity_probe: { key: { type: "integer" }, min: 0, max: 1 },
        other_config: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited" },
        is_connected: { key: { type: "boolean" }, min: 1, max: 1, ephemeral: true },
        status: { key: { type: "string" }, value: { type: "string" }, min: 0, max: "unlimited", ephemeral: true },
      },
      isRoot: false,
      indexes: [["target"]],
    },
  },
} as const satisfies DatabaseSchema;

export type HardwareVtep = typeof hardwareVtep;
