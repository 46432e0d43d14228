import type { Kysely } from "kysely";

/** Lets networks be shared with single projects, not only with all. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("network_shares")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("network_id", "text", (column) => column.notNull().references("networks.id").onDelete("cascade"))
    .addColumn("project_id", "text", (column) => column.notNull())
    .addColumn("tenant_id", "text", (column) => column.notNull())
    .addUniqueConstraint("network_shares_key", ["network_id", "project_id"])
    .execute();
  await schema.createIndex("network_shares_project").on("network_shares").column("project_id").execute();
}
