import { type Kysely, sql } from "kysely";

/** Makes the limits of projects, and finds what belongs to one without looking at all the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE quotas (
    project_id TEXT NOT NULL, resource TEXT NOT NULL, "limit" INTEGER NOT NULL, PRIMARY KEY (project_id, resource))`,
  `CREATE INDEX networks_tenant ON networks (tenant_id)`,
  `CREATE INDEX subnets_tenant ON subnets (tenant_id)`,
  `CREATE INDEX ports_tenant ON ports (tenant_id)`,
];
