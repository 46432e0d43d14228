import { type Kysely, sql } from "kysely";

/** Has networks, subnets and ports described, tagged and dated; those that are there are dated with now. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ["networks", "subnets", "ports"]) {
    for (const statement of [
      `ALTER TABLE ${table} ADD COLUMN description TEXT NOT NULL DEFAULT ''`,
      `ALTER TABLE ${table} ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0`,
      `ALTER TABLE ${table} ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0`,
      `ALTER TABLE ${table} ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'`,
      `UPDATE ${table} SET created_at = now, updated_at = now FROM (SELECT unixepoch() * 1000 AS now)`,
    ])
      await sql.raw(statement).execute(db);
  }
}
