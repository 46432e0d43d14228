import type { Kysely } from "kysely";

/** Lets subnets say which addresses are given out, and networks what the port security of their ports is by default. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable("subnets")
    .addColumn("allocation_pools", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
  await schema
    .alterTable("networks")
    .addColumn("port_security_enabled", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
}
