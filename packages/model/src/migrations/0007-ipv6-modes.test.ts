import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { expect, test } from "vitest";
import { openSqliteStore } from "../sqlite-store.ts";
import { uuid } from "../store-under-test.ts";
import { listSubnets } from "../subnet.ts";
import { migrations } from "./index.ts";

test("a subnet of the release before has no modes and no name servers, and is otherwise as it was", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-migration-"));
  const file = join(folder, "store.db");
  const database = new Database(file);
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  const old: Record<string, Migration> = Object.fromEntries(
    Object.entries(migrations).filter(([name]) => name < "0007"),
  );
  const provider = { getMigrations: () => Promise.resolve(old) };
  expect((await new Migrator({ db, provider }).migrateToLatest()).error).toBeUndefined();
  database.exec(`
    INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, tunnel_key, revision)
      VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'gre', 1, 1);
    INSERT INTO subnets (id, network_id, name, tenant_id, cidr, enable_dhcp, search_from, revision)
      VALUES ('${uuid(2)}', '${uuid(1)}', 's', 't', '2001:db8::/64', 1, 2, 1);
  `);
  await db.destroy();
  {
    await using store = await openSqliteStore(file);
    const added = { ipv6RaMode: null, ipv6AddressMode: null, dnsNameservers: [] };
    expect(await listSubnets(store.db)).toMatchObject([
      { id: uuid(2), cidr: "2001:db8::/64", enableDhcp: true, ...added },
    ]);
  }
  rmSync(folder, { recursive: true });
});
