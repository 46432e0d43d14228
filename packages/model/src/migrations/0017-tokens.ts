import { type Kysely, sql } from "kysely";

/** Makes what proves a user without its password: tokens, and application credentials. Times are ms since the epoch. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE application_credentials (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, name TEXT NOT NULL,
    description TEXT NOT NULL, project_id TEXT REFERENCES projects (id) ON DELETE CASCADE, roles TEXT NOT NULL,
    secret_hash TEXT NOT NULL, expires_at INTEGER, UNIQUE (user_id, name))`,
  `CREATE INDEX application_credentials_project ON application_credentials (project_id)`,
  `CREATE TABLE tokens (
    hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    scope TEXT NOT NULL CHECK (scope IN ('project', 'system', 'none')),
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    application_credential_id TEXT REFERENCES application_credentials (id) ON DELETE CASCADE,
    methods TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    CHECK ((scope = 'project') = (project_id IS NOT NULL)))`,
  `CREATE INDEX tokens_user ON tokens (user_id, expires_at)`,
  `CREATE INDEX tokens_expiry ON tokens (expires_at)`,
  `CREATE INDEX tokens_project ON tokens (project_id)`,
  `CREATE INDEX tokens_application_credential ON tokens (application_credential_id)`,
];
