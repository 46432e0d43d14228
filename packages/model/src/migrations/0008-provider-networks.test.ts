import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { expect, test } from "vitest";
import { createNetwork, listNetworks } from "../network.ts";
import { openSqliteStore } from "../sqlite-store.ts";
import { newNetwork, uuid } from "../store-under-test.ts";
import { migrations } from "./index.ts";

test("networks of a store of before keep their encapsulation, and provider networks can be made beside them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loomstack-migration-"));
  const file = join(folder, "store.db");
  const database = new Database(file);
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  const old: Record<string, Migration> = Object.fromEntries(
    Object.entries(migrations).filter(([name]) => name < "0008"),
  );
  await new Migrator({ db, provider: { getMigrations: () => Promise.resolve(old) } }).migrateToLatest();
  database.exec(`
    INSERT INTO networks (id, name, tenant_id, shared, admin_state_up, network_type, segmentation_id, tunnel_key, revision)
    VALUES ('${uuid(1)}', 'n', 't', 0, 1, 'geneve', 100, 1, 1), ('${uuid(2)}', 'n', 't', 0, 1, 'gre', 100, 2, 1)`);
  await db.destroy();
  {
    await using store = await openSqliteStore(file);
    const provider = { networkType: "vlan", physicalNetwork: "physnet1", segmentationId: 100 } as const;
    await store.transact((tx) => createNetwork(tx, newNetwork(3, provider)));
    expect(await listNetworks(store.db)).toMatchObject([
      { networkType: "geneve", segmentationId: 100, physicalNetwork: null },
      { networkType: "gre", segmentationId: 100, physicalNetwork: null },
      provider,
    ]);
  }
  rmSync(folder, { recursive: true });
});
