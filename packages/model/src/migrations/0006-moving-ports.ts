import type { Kysely } from "kysely";

/** Adds where a port is on its way to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("port_bindings").addColumn("arriving_at", "text").execute();
}
