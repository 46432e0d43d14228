import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";

/**
 * Makes projects of the accounts that users and the cloud's objects name, and role assignments of what users were: an
 * administrator is one of everything, and any other user a member of the project of its account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of tables) await sql.raw(statement).execute(db);
  const accounts = await sql<{ account: string }>`
    SELECT account FROM users UNION SELECT account FROM templates
    UNION SELECT account FROM guest_networks UNION SELECT account FROM instances`.execute(db);
  for (const { account } of accounts.rows)
    await sql`INSERT INTO projects (id, name, description, enabled) VALUES (${randomUUID()}, ${account}, '', 1)`.execute(
      db,
    );
  for (const statement of users) await sql.raw(statement).execute(db);
}

const tables = [
  `CREATE TABLE projects (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)))`,
  `CREATE TABLE next_users (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)), project_id TEXT NOT NULL REFERENCES projects (id),
    password_hash TEXT NOT NULL, api_key TEXT NOT NULL UNIQUE, secret_key TEXT NOT NULL)`,
  // Without a project it holds for all of them, and for what belongs to none.
  `CREATE TABLE role_assignments (
    user_id TEXT NOT NULL REFERENCES next_users (id) ON DELETE CASCADE,
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'reader')))`,
  // NULL is never equal to NULL, so it needs a value to be unique.
  `CREATE UNIQUE INDEX role_assignments_key ON role_assignments (user_id, ifnull(project_id, ''), role)`,
  `CREATE INDEX role_assignments_project ON role_assignments (project_id)`,
];

const users = [
  `INSERT INTO next_users (id, name, description, enabled, project_id, password_hash, api_key, secret_key)
    SELECT users.id, users.name, '', 1, projects.id, password_hash, api_key, secret_key
    FROM users JOIN projects ON projects.name = users.account`,
  `INSERT INTO role_assignments (user_id, project_id, role)
    SELECT id, NULL, 'admin' FROM users WHERE role = 'admin'`,
  `INSERT INTO role_assignments (user_id, project_id, role)
    SELECT users.id, projects.id, 'member' FROM users JOIN projects ON projects.name = users.account
    WHERE users.role = 'user'`,
  `DROP TABLE users`,
  `ALTER TABLE next_users RENAME TO users`,
];
