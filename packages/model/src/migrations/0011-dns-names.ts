import type { Kysely } from "kysely";

/** Gives networks a domain, and ports a name in it that no other port of the network has. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("networks").addColumn("dns_domain", "text").execute();
  await db.schema.alterTable("ports").addColumn("dns_name", "text").execute();
  await db.schema
    .createIndex("ports_dns_name")
    .on("ports")
    .columns(["network_id", "dns_name"])
    .unique()
    .where("dns_name", "is not", null)
    .execute();
}
