/**
 * The tables of the network half, one row an object; `migrations/0001-network.ts`, `0003-locations.ts`,
 * `0004-switches.ts`, `0005-ipv6.ts`, `0006-moving-ports.ts`, `0007-ipv6-modes.ts`, `0008-provider-networks.ts`,
 * `0009-hypervisor-identity.ts`, `0010-learnt-addresses.ts`, `0011-dns-names.ts`, `0012-learning-networks.ts`,
 * `0013-host-routes.ts`, `0014-sources-of-addresses.ts`, `0021-standard-attributes.ts`, `0022-allocation-pools.ts`,
 * `0023-requested-hosts.ts`, `0024-quotas.ts`, `0025-network-shares.ts` and `0026-subnet-pools.ts` make
 * them. Truth values are 0 and 1.
 */
import type { StandardColumns } from "./standard-attributes.ts";

export interface NetworkTables {
  networks: NetworkRow;
  subnets: SubnetRow;
  ports: PortRow;
  port_addresses: PortAddressRow;
  nodes: NodeRow;
  port_bindings: PortBindingRow;
  tunnel_endpoints: TunnelEndpointRow;
  learnt_addresses: LearntAddressRow;
  switches: SwitchRow;
  static_flows: StaticFlowRow;
  network_shares: NetworkShareRow;
  quotas: QuotaRow;
  address_scopes: AddressScopeRow;
  subnet_pools: SubnetPoolRow;
}

export interface NetworkRow extends StandardColumns {
  id: string;
  name: string;
  tenant_id: string;
  shared: number;
  admin_state_up: number;
  network_type: string;
  physical_network: string | null;
  segmentation_id: number | null;
  tunnel_key: number;
  mtu: number | null;
  dns_domain: string | null;
  learns_addresses: number;
  port_security_enabled: number;
}

export interface SubnetRow extends StandardColumns {
  id: string;
  network_id: string;
  name: string;
  tenant_id: string;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: number;
  ipv6_ra_mode: string | null;
  ipv6_address_mode: string | null;
  /** A JSON array, in the order of preference. */
  dns_nameservers: string;
  /** A JSON array of host routes. */
  host_routes: string;
  /** A JSON array of allocation pools. */
  allocation_pools: string;
  subnet_pool_id: string | null;
  /** The number, counted from the prefix's first, below which no address is free: where the search for one starts. */
  search_from: number;
}

export interface PortRow extends StandardColumns {
  id: string;
  network_id: string;
  name: string;
  tenant_id: string;
  mac_address: string;
  device_id: string;
  device_owner: string;
  admin_state_up: number;
  port_security_enabled: number;
  /** As `pairsToText` writes them. */
  allowed_address_pairs: string;
  dns_name: string | null;
  host_id: string;
  /** A JSON object. */
  binding_profile: string;
}

export interface PortAddressRow {
  port_id: string;
  /** The port's network, repeated here so that the store itself can refuse an address twice in one network. */
  network_id: string;
  subnet_id: string;
  address: string;
  /** Its number, counted from the prefix's first; null past the numbers that are exact, where nobody searches. */
  host_number: number | null;
  /** 0 for the port's first address. */
  position: number;
}

export interface NodeRow {
  system_id: string;
  type: string;
  id: string;
  address: string | null;
  port: number | null;
  certificate: string | null;
  revision: number;
}

export interface PortBindingRow {
  port_id: string;
  node_key: string;
  arriving_at: string | null;
  revision: number;
}

export interface LearntAddressRow {
  port_id: string;
  /** The port's network, repeated here as in `port_addresses`. */
  network_id: string;
  address: string;
  /** 0 for the first that was learnt of the port. */
  position: number;
  /** What showed it: "arp", "nd" or "dhcp". */
  source: string;
  /** When its lease ends, in milliseconds since the epoch; null where it has none. */
  expires_at: number | null;
  revision: number;
}

export interface TunnelEndpointRow {
  node_key: string;
  address: string;
  revision: number;
}

export interface SwitchRow {
  /** 16 hexadecimal digits. */
  dpid: string;
  name: string;
  certificate: string | null;
  revision: number;
}

export interface StaticFlowRow {
  id: string;
  dpid: string;
  table_id: number;
  priority: number;
  match: string;
  actions: string;
  flow_key: string;
  revision: number;
}

export interface NetworkShareRow {
  id: string;
  network_id: string;
  /** The project that may use the network. */
  project_id: string;
  /** The project that shares it. */
  tenant_id: string;
}

export interface QuotaRow {
  project_id: string;
  resource: string;
  /** -1: none. */
  limit: number;
}

export interface AddressScopeRow {
  id: string;
  name: string;
  tenant_id: string;
  ip_version: number;
  shared: number;
}

export interface SubnetPoolRow extends StandardColumns {
  id: string;
  name: string;
  tenant_id: string;
  /** A JSON array. */
  prefixes: string;
  default_prefixlen: number;
  min_prefixlen: number;
  max_prefixlen: number;
  default_quota: number | null;
  address_scope_id: string | null;
  is_default: number;
  shared: number;
}
