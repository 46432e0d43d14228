import { ipv4ToNumber, parseCidr } from "@loomstack/core";
import { type Kysely, sql } from "kysely";

interface Before {
  subnets: { id: string; cidr: string; search_from: number };
  networks: { network_type: string; next_network_type: string };
}

/**
 * Makes room for IPv6: an address is text, and its number is counted from the start of its subnet, as `search_from` is.
 * Adds Geneve, the MTU that a network was given, and what says which addresses a port may use.
 */
export async function up(db: Kysely<Before>): Promise<void> {
  await remakePortAddresses(db);
  await db.schema.alterTable("networks").addColumn("mtu", "integer").execute();
  await widenNetworkType(db);
  await db.schema
    .alterTable("ports")
    .addColumn("port_security_enabled", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
  await db.schema
    .alterTable("ports")
    .addColumn("allowed_address_pairs", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
}

async function remakePortAddresses(db: Kysely<Before>): Promise<void> {
  await db.schema
    .createTable("next_port_addresses")
    .addColumn("port_id", "text", (column) => column.notNull())
    .addColumn("network_id", "text", (column) => column.notNull())
    .addColumn("subnet_id", "text", (column) => column.notNull())
    .addColumn("address", "text", (column) => column.notNull())
    .addColumn("host_number", "integer")
    .addColumn("position", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("port_addresses_key", ["port_id", "position"])
    .addUniqueConstraint("port_addresses_in_network", ["network_id", "address"])
    .addUniqueConstraint("port_addresses_in_subnet", ["subnet_id", "host_number"])
    .addForeignKeyConstraint("port_addresses_port", ["port_id", "network_id"], "ports", ["id", "network_id"], (key) =>
      key.onDelete("cascade"),
    )
    .addForeignKeyConstraint("port_addresses_subnet", ["subnet_id", "network_id"], "subnets", ["id", "network_id"])
    .execute();
  for (const { id, cidr, search_from } of await db.selectFrom("subnets").selectAll().execute()) {
    const start = ipv4ToNumber(parseCidr(cidr).network);
    await sql`
      INSERT INTO next_port_addresses (port_id, network_id, subnet_id, address, host_number, position)
      SELECT port_id, network_id, subnet_id,
        (address >> 24) || '.' || ((address >> 16) & 255) || '.' || ((address >> 8) & 255) || '.' || (address & 255),
        address - ${start}, position
      FROM port_addresses WHERE subnet_id = ${id}`.execute(db);
    await db
      .updateTable("subnets")
      .set({ search_from: search_from - start })
      .where("id", "=", id)
      .execute();
  }
  await db.schema.dropTable("port_addresses").execute();
  await db.schema.alterTable("next_port_addresses").renameTo("port_addresses").execute();
}

/** The check of a column can't be changed: another column takes its place. */
async function widenNetworkType(db: Kysely<Before>): Promise<void> {
  await db.schema
    .alterTable("networks")
    .addColumn("next_network_type", "text", (column) =>
      column
        .notNull()
        .defaultTo("vxlan")
        .check(sql`next_network_type IN ('vxlan', 'gre', 'geneve')`),
    )
    .execute();
  await db
    .updateTable("networks")
    .set((builder) => ({ next_network_type: builder.ref("network_type") }))
    .execute();
  await db.schema.alterTable("networks").dropColumn("network_type").execute();
  await db.schema.alterTable("networks").renameColumn("next_network_type", "network_type").execute();
}
