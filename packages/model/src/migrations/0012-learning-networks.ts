import type { Kysely } from "kysely";

/** Lets networks say whether addresses are learnt in them; all did so far. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("networks")
    .addColumn("learns_addresses", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
}
