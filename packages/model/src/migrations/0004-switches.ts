import type { Kysely } from "kysely";

/** Makes the tables of the switches that an administrator has added, and of their static flows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("switches")
    .addColumn("dpid", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("static_flows")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("dpid", "text", (column) => column.notNull().references("switches.dpid"))
    .addColumn("table_id", "integer", (column) => column.notNull())
    .addColumn("priority", "integer", (column) => column.notNull())
    .addColumn("match", "text", (column) => column.notNull())
    .addColumn("actions", "text", (column) => column.notNull())
    .addColumn("flow_key", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addUniqueConstraint("static_flows_key", ["dpid", "flow_key"])
    .execute();
}
