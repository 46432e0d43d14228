import type { Kysely } from "kysely";

/** Finds the ports of a device without looking at all the others: who starts a guest asks for them again and again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("ports_device").on("ports").column("device_id").execute();
}
