import { type Kysely, sql } from "kysely";

/**
 * Makes the system-id of a hypervisor its key, in the place of the name that a client gave it ("OVS/<id>"). Of several
 * names for one hypervisor the last one counts. A node without a system-id was never ready, and nothing refers to it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...bindings, ...endpoints, events, ...nodes]) await sql.raw(statement).execute(db);
}

const identity = (key: string): string =>
  `(SELECT system_id FROM nodes WHERE type || '/' || id = ${key} AND system_id IS NOT NULL)`;

const bindings = [
  `UPDATE port_bindings SET arriving_at = ${identity("arriving_at")} WHERE arriving_at IS NOT NULL`,
  `DELETE FROM port_bindings WHERE ${identity("node_key")} IS NULL`,
  `UPDATE port_bindings SET node_key = ${identity("node_key")}`,
];

const endpoints = [
  `CREATE TABLE next_tunnel_endpoints (node_key TEXT PRIMARY KEY, address TEXT NOT NULL, revision INTEGER NOT NULL)`,
  `INSERT OR REPLACE INTO next_tunnel_endpoints (node_key, address, revision)
    SELECT ${identity("node_key")}, address, revision FROM tunnel_endpoints
    WHERE ${identity("node_key")} IS NOT NULL ORDER BY revision`,
  `DROP TABLE tunnel_endpoints`,
  `ALTER TABLE next_tunnel_endpoints RENAME TO tunnel_endpoints`,
];

const events = `UPDATE events SET hypervisor = COALESCE(${identity("hypervisor")}, hypervisor)`;

const nodes = [
  `CREATE TABLE next_nodes (
    system_id TEXT PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, address TEXT, port INTEGER, certificate TEXT,
    revision INTEGER NOT NULL, UNIQUE (type, id))`,
  `INSERT OR REPLACE INTO next_nodes (system_id, type, id, address, port, revision)
    SELECT system_id, type, id, address, port, revision FROM nodes WHERE system_id IS NOT NULL ORDER BY revision`,
  `DROP TABLE nodes`,
  `ALTER TABLE next_nodes RENAME TO nodes`,
];
