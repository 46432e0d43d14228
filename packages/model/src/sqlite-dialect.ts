import type Database from "better-sqlite3";
import { type DialectAdapter, SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteStatement } from "kysely";

/** How many prepared statements a connection keeps; the one that was used longest ago goes first. */
const statementLimit = 256;

/** SQLite rolls back table definitions too; telling Kysely makes each run of migrations one transaction. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Kysely's dialect for an open database, with prepared statements kept. */
export class TransactionalSqliteDialect extends SqliteDialect {
  constructor(database: Database.Database) {
    super({ database: withKeptStatements(database) });
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }
}

function withKeptStatements(database: Database.Database): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => void database.close(),
    prepare(text) {
      const statement = kept.get(text) ?? database.prepare(text);
      kept.delete(text);
      kept.set(text, statement);
      const [oldest] = kept.keys();
      if (kept.size > statementLimit && oldest !== undefined) kept.delete(oldest);
      return statement;
    },
  };
}
