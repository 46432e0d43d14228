import { type Kysely, sql } from "kysely";

/**
 * Makes the tables of the cloud half. Truth values are 0 and 1, IPv4 addresses unsigned numbers, times ms since the
 * epoch.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const infrastructure = [
  `CREATE TABLE zones (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, network_type TEXT NOT NULL, dns1 TEXT NOT NULL, internal_dns1
    TEXT NOT NULL, guest_cidr TEXT NOT NULL, allocation_state TEXT NOT NULL, created_at BIGINT NOT NULL)`,
  `CREATE TABLE pods (
    id TEXT PRIMARY KEY, zone_id TEXT NOT NULL REFERENCES zones (id), name TEXT NOT NULL, gateway TEXT, netmask
    TEXT, start_ip TEXT, end_ip TEXT, allocation_state TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (zone_id,
    name))`,
  `CREATE TABLE clusters (
    id TEXT PRIMARY KEY, zone_id TEXT NOT NULL REFERENCES zones (id), pod_id TEXT NOT NULL REFERENCES pods (id),
    name TEXT NOT NULL, hypervisor TEXT NOT NULL, cluster_type TEXT NOT NULL, allocation_state TEXT NOT NULL,
    created_at BIGINT NOT NULL, UNIQUE (pod_id, name))`,
  `CREATE TABLE hosts (
    id TEXT PRIMARY KEY, zone_id TEXT NOT NULL REFERENCES zones (id), pod_id TEXT NOT NULL REFERENCES pods (id),
    cluster_id TEXT NOT NULL REFERENCES clusters (id), name TEXT NOT NULL, address BIGINT NOT NULL UNIQUE,
    libvirt_uri TEXT NOT NULL UNIQUE, domain_type TEXT NOT NULL, memory_mib INTEGER, allocation_state TEXT NOT
    NULL, created_at BIGINT NOT NULL)`,
];

const physicalNetworks = [
  `CREATE TABLE physical_networks (
    id TEXT PRIMARY KEY, zone_id TEXT NOT NULL REFERENCES zones (id), name TEXT NOT NULL, isolation_methods TEXT
    NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (zone_id, name))`,
  `CREATE TABLE traffic_types (
    id TEXT PRIMARY KEY, physical_network_id TEXT NOT NULL REFERENCES physical_networks (id), traffic_type TEXT
    NOT NULL, kvm_network_label TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (physical_network_id,
    traffic_type))`,
  `CREATE TABLE network_service_providers (
    id TEXT PRIMARY KEY, physical_network_id TEXT NOT NULL REFERENCES physical_networks (id), name TEXT NOT NULL,
    state TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (physical_network_id, name))`,
  `CREATE TABLE opendaylight_controllers (
    id TEXT PRIMARY KEY, physical_network_id TEXT NOT NULL REFERENCES physical_networks (id), name TEXT NOT NULL,
    url TEXT NOT NULL, username TEXT NOT NULL, password TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE
    (physical_network_id, url))`,
];

const offerings = [
  `CREATE TABLE network_offerings (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, display_text TEXT NOT NULL, guest_ip_type TEXT NOT NULL,
    traffic_type TEXT NOT NULL, availability TEXT NOT NULL, state TEXT NOT NULL, services TEXT NOT NULL,
    created_at BIGINT NOT NULL)`,
  `CREATE TABLE service_offerings (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, display_text TEXT NOT NULL, cpu_number INTEGER NOT NULL,
    cpu_speed_mhz INTEGER NOT NULL, memory_mib INTEGER NOT NULL, created_at BIGINT NOT NULL)`,
  `CREATE TABLE templates (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, display_text TEXT NOT NULL, account TEXT NOT NULL, format TEXT NOT
    NULL, hypervisor TEXT NOT NULL, kernel_url TEXT NOT NULL, initrd_url TEXT NOT NULL, command_line TEXT NOT
    NULL, created_at BIGINT NOT NULL)`,
];

const instances = [
  `CREATE TABLE guest_networks (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, display_text TEXT NOT NULL, account TEXT NOT NULL, zone_id TEXT NOT
    NULL REFERENCES zones (id), physical_network_id TEXT NOT NULL REFERENCES physical_networks (id),
    network_offering_id TEXT NOT NULL REFERENCES network_offerings (id), cidr TEXT NOT NULL, gateway BIGINT NOT
    NULL, mtu INTEGER NOT NULL, subnet_id TEXT NOT NULL UNIQUE, segmentation_id INTEGER, controller_id TEXT
    REFERENCES opendaylight_controllers (id), state TEXT NOT NULL, state_reason TEXT NOT NULL, idle_since BIGINT,
    created_at BIGINT NOT NULL, UNIQUE (physical_network_id, segmentation_id))`,
  `CREATE TABLE instances (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, display_name TEXT NOT NULL, number INTEGER NOT NULL UNIQUE, account
    TEXT NOT NULL, zone_id TEXT NOT NULL REFERENCES zones (id), service_offering_id TEXT NOT NULL REFERENCES
    service_offerings (id), template_id TEXT NOT NULL REFERENCES templates (id), cpu_number INTEGER NOT NULL,
    memory_mib INTEGER NOT NULL, host_id TEXT REFERENCES hosts (id), last_host_id TEXT REFERENCES hosts (id) ON
    DELETE SET NULL, state TEXT NOT NULL, state_reason TEXT NOT NULL, destroyed_at BIGINT, created_at BIGINT NOT
    NULL)`,
  `CREATE INDEX instances_host ON instances (host_id)`,
  `CREATE TABLE instance_numbers (number INTEGER NOT NULL)`,
  `INSERT INTO instance_numbers (number) VALUES (0)`,
  `CREATE TABLE nics (
    id TEXT PRIMARY KEY, instance_id TEXT NOT NULL REFERENCES instances (id), network_id TEXT NOT NULL REFERENCES
    guest_networks (id), device_index INTEGER NOT NULL, mac_address TEXT NOT NULL UNIQUE, ip_address BIGINT NOT
    NULL, is_default INTEGER NOT NULL, port_state TEXT NOT NULL, discarded INTEGER NOT NULL, created_at BIGINT NOT
    NULL, UNIQUE (instance_id, device_index), UNIQUE (network_id, ip_address))`,
  `CREATE TABLE jobs (
    id TEXT PRIMARY KEY, command TEXT NOT NULL, account TEXT NOT NULL, user_id TEXT NOT NULL, payload TEXT NOT
    NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, result TEXT NOT NULL, error_code TEXT, error_text TEXT,
    subject_type TEXT, subject_id TEXT, created_at BIGINT NOT NULL, completed_at BIGINT)`,
  `CREATE INDEX jobs_state ON jobs (state)`,
];

const statements = [...infrastructure, ...physicalNetworks, ...offerings, ...instances];
