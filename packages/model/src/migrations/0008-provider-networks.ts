import { type Kysely, sql } from "kysely";

interface Before {
  networks: { network_type: string; next_network_type: string };
}

/** Lets networks be VLANs of a physical network, or untagged there; each of both belongs to one network at most. */
export async function up(db: Kysely<Before>): Promise<void> {
  await db.schema.alterTable("networks").addColumn("physical_network", "text").execute();
  await widenNetworkType(db);
  await sql`
    CREATE UNIQUE INDEX networks_vlan ON networks (physical_network, segmentation_id)
    WHERE network_type = 'vlan'`.execute(db);
  await sql`CREATE UNIQUE INDEX networks_flat ON networks (physical_network) WHERE network_type = 'flat'`.execute(db);
}

/** The check of a column can't be changed: another column takes its place. */
async function widenNetworkType(db: Kysely<Before>): Promise<void> {
  await db.schema
    .alterTable("networks")
    .addColumn("next_network_type", "text", (column) =>
      column
        .notNull()
        .defaultTo("vxlan")
        .check(sql`next_network_type IN ('vxlan', 'gre', 'geneve', 'vlan', 'flat')`),
    )
    .execute();
  await db
    .updateTable("networks")
    .set((builder) => ({ next_network_type: builder.ref("network_type") }))
    .execute();
  await db.schema.alterTable("networks").dropColumn("network_type").execute();
  await db.schema.alterTable("networks").renameColumn("next_network_type", "network_type").execute();
}
