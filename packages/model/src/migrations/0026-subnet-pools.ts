import { type Kysely, sql } from "kysely";

/** Makes pools from which subnets are taken, and the scopes in which the prefixes of pools are unique. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const standard = `description TEXT NOT NULL, tags TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  revision INTEGER NOT NULL`;

const statements = [
  `CREATE TABLE address_scopes (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant_id TEXT NOT NULL, ip_version INTEGER NOT NULL
    CHECK (ip_version IN (4, 6)), shared INTEGER NOT NULL CHECK (shared IN (0, 1)))`,
  `CREATE TABLE subnet_pools (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, tenant_id TEXT NOT NULL, prefixes TEXT NOT NULL,
    default_prefixlen INTEGER NOT NULL, min_prefixlen INTEGER NOT NULL, max_prefixlen INTEGER NOT NULL,
    default_quota INTEGER, address_scope_id TEXT REFERENCES address_scopes (id),
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)), shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
    ${standard})`,
  `CREATE INDEX subnet_pools_scope ON subnet_pools (address_scope_id)`,
  `CREATE INDEX subnet_pools_tenant ON subnet_pools (tenant_id)`,
  `ALTER TABLE subnets ADD COLUMN subnet_pool_id TEXT REFERENCES subnet_pools (id)`,
  `CREATE INDEX subnets_pool ON subnets (subnet_pool_id)`,
];
