import { type Kysely, sql } from "kysely";

/** How guests configure IPv6, and the resolvers that they are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const mode of ["ipv6_ra_mode", "ipv6_address_mode"]) {
    const check = sql`${sql.ref(mode)} IN ('slaac', 'dhcpv6-stateful', 'dhcpv6-stateless')`;
    await db.schema
      .alterTable("subnets")
      .addColumn(mode, "text", (column) => column.check(check))
      .execute();
  }
  await db.schema
    .alterTable("subnets")
    .addColumn("dns_nameservers", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
}
