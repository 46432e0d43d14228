import type { Kysely } from "kysely";

/** Says of learnt addresses from what they were learnt, which was ARP so far, and until when they count. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("learnt_addresses")
    .addColumn("source", "text", (column) => column.notNull().defaultTo("arp"))
    .execute();
  await db.schema.alterTable("learnt_addresses").addColumn("expires_at", "integer").execute();
}
