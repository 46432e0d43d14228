import type { Kysely } from "kysely";

/** Has plain switches show the certificate that they have shown first; so far nobody looked at it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("switches").addColumn("certificate", "text").execute();
}
