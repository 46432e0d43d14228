import Database from "better-sqlite3";
import { Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keptQuery } from "./kept-query.ts";
import { TransactionalSqliteDialect } from "./sqlite-dialect.ts";
import type { Tables } from "./tables.ts";

let db: Kysely<Tables>;

beforeAll(async () => {
  db = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect(new Database(":memory:")) });
  await sql`CREATE TABLE port_bindings (port_id TEXT PRIMARY KEY, node_key TEXT, arriving_at TEXT, revision INTEGER)`.execute(
    db,
  );
});
afterAll(() => db.destroy());

const row = (port: string, arrivingAt: string | null, revision: number) => ({
  ...{ port_id: port, node_key: "h1", arriving_at: arrivingAt, revision },
});

test("a kept query is built once, and gives what belongs to the values of each time", async () => {
  let built = 0;
  const add = keptQuery((on, values: ReturnType<typeof row>) => on.insertInto("port_bindings").values(values));
  const since = keptQuery((on, { revision, port }: { readonly revision: number; readonly port: string }) => {
    built += 1;
    return on
      .selectFrom("port_bindings")
      .selectAll()
      .where("node_key", "=", "h1")
      .where((eb) => eb.or([eb("port_id", "=", port), eb("revision", ">=", revision)]));
  });
  for (const one of [row("a", null, 1), row("b", "h2", 2), row("c", null, 3)]) await add(db, one);
  // Members in another order are the same values.
  expect(await since(db, { revision: 3, port: "b" })).toEqual([row("b", "h2", 2), row("c", null, 3)]);
  expect(await since(db, { port: "a", revision: 3 })).toEqual([row("a", null, 1), row("c", null, 3)]);
  expect(built).toBe(1);
});
