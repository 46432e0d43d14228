import type { Kysely } from "kysely";

/** Has ports keep where their client means to plug them in, and what it wants to find there again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable("ports")
    .addColumn("host_id", "text", (column) => column.notNull().defaultTo(""))
    .execute();
  await schema
    .alterTable("ports")
    .addColumn("binding_profile", "text", (column) => column.notNull().defaultTo("{}"))
    .execute();
}
