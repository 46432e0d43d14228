import { type Kysely, sql } from "kysely";

/** Makes the tables of the network half, of identity and of events. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await makeStoreTables(db);
  await makeNetworks(db);
  await makePorts(db);
  await makeUsers(db);
}

async function makeStoreTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("store_revision")
    .addColumn("singleton", "integer", (column) => column.primaryKey().check(sql`singleton = 1`))
    .addColumn("revision", "integer", (column) => column.notNull())
    .execute();
  await sql`INSERT INTO store_revision (singleton, revision) VALUES (1, 0)`.execute(db);
  await db.schema
    .createTable("events")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("at", "integer", (column) => column.notNull())
    .addColumn("severity", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("hypervisor", "text")
    .addColumn("object", "text")
    .addColumn("message", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("nodes")
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("address", "text", (column) => column.notNull())
    .addColumn("port", "integer", (column) => column.notNull().check(sql`port BETWEEN 1 AND 65535`))
    .addColumn("system_id", "text")
    .addColumn("revision", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("nodes_key", ["type", "id"])
    .execute();
}

async function makeNetworks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("networks")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("tenant_id", "text", (column) => column.notNull())
    .addColumn("shared", "integer", (column) => column.notNull())
    .addColumn("admin_state_up", "integer", (column) => column.notNull())
    .addColumn("network_type", "text", (column) => column.notNull().check(sql`network_type IN ('vxlan', 'gre')`))
    .addColumn("segmentation_id", "integer")
    .addColumn("tunnel_key", "integer", (column) =>
      column
        .notNull()
        .unique()
        .check(sql`tunnel_key BETWEEN 1 AND 16777200`),
    )
    .addColumn("revision", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("subnets")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("network_id", "text", (column) => column.notNull().references("networks.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("tenant_id", "text", (column) => column.notNull())
    .addColumn("cidr", "text", (column) => column.notNull())
    .addColumn("gateway_ip", "text")
    .addColumn("enable_dhcp", "integer", (column) => column.notNull())
    .addColumn("search_from", "integer", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addUniqueConstraint("subnets_with_network", ["id", "network_id"])
    .addUniqueConstraint("subnets_cidr", ["network_id", "cidr"])
    .execute();
}

async function makePorts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("ports")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("network_id", "text", (column) => column.notNull().references("networks.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("tenant_id", "text", (column) => column.notNull())
    .addColumn("mac_address", "text", (column) => column.notNull())
    .addColumn("device_id", "text", (column) => column.notNull())
    .addColumn("device_owner", "text", (column) => column.notNull())
    .addColumn("admin_state_up", "integer", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addUniqueConstraint("ports_with_network", ["id", "network_id"])
    .addUniqueConstraint("ports_mac", ["network_id", "mac_address"])
    .execute();
  // The two composite references make the store itself hold that a port's addresses come from subnets of the port's own
  // network.
  await db.schema
    .createTable("port_addresses")
    .addColumn("port_id", "text", (column) => column.notNull())
    .addColumn("network_id", "text", (column) => column.notNull())
    .addColumn("subnet_id", "text", (column) => column.notNull())
    .addColumn("address", "integer", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("port_addresses_key", ["port_id", "position"])
    .addUniqueConstraint("port_addresses_in_network", ["network_id", "address"])
    .addUniqueConstraint("port_addresses_in_subnet", ["subnet_id", "address"])
    .addForeignKeyConstraint("port_addresses_port", ["port_id", "network_id"], "ports", ["id", "network_id"], (key) =>
      key.onDelete("cascade"),
    )
    .addForeignKeyConstraint("port_addresses_subnet", ["subnet_id", "network_id"], "subnets", ["id", "network_id"])
    .execute();
}

async function makeUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull().check(sql`role IN ('admin', 'user')`))
    .addColumn("password_hash", "text", (column) => column.notNull())
    .addColumn("api_key", "text", (column) => column.notNull().unique())
    .addColumn("secret_key", "text", (column) => column.notNull())
    .execute();
}
