import type { Kysely } from "kysely";

/** Makes the table of addresses that ports showed themselves. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("learnt_addresses")
    .addColumn("port_id", "text", (column) => column.notNull())
    .addColumn("network_id", "text", (column) => column.notNull())
    .addColumn("address", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("learnt_addresses_key", ["port_id", "position"])
    .addUniqueConstraint("learnt_addresses_in_network", ["network_id", "address"])
    .addForeignKeyConstraint("learnt_addresses_port", ["port_id", "network_id"], "ports", ["id", "network_id"], (key) =>
      key.onDelete("cascade"),
    )
    .execute();
}
