/** What tests of migrations share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { expect } from "vitest";
import { openSqliteStore } from "../sqlite-store.ts";
import type { Store } from "../store.ts";
import { migrations } from "./index.ts";

/**
 * A store that was made, and filled with `rows`, before a migration, and is opened now.
 *
 * @param migration the start of its name: "0007"
 * @param rows statements of SQL
 */
export async function storeFromBefore(migration: string, rows: string): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-migration-"));
  const file = join(folder, "store.db");
  const database = new Database(file);
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  const old: Record<string, Migration> = Object.fromEntries(
    Object.entries(migrations).filter(([name]) => name < migration),
  );
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(old) },
  }).migrateToLatest();
  expect(error).toBeUndefined();
  database.exec(rows);
  await db.destroy();
  const store = await openSqliteStore(file);
  const close = store[Symbol.asyncDispose].bind(store);
  return Object.assign(store, {
    [Symbol.asyncDispose]: async () => {
      await close();
      rmSync(folder, { recursive: true });
    },
  });
}
