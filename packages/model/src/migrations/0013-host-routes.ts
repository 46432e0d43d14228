import type { Kysely } from "kysely";

/** Gives subnets routes that guests are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("subnets")
    .addColumn("host_routes", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
}
