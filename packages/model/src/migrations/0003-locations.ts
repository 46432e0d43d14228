import { type Kysely, sql } from "kysely";

/** Makes the tables of where things were last seen, of the controller's epoch and of the last tunnel key. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("port_bindings")
    .addColumn("port_id", "text", (column) => column.primaryKey().references("ports.id").onDelete("cascade"))
    .addColumn("node_key", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("tunnel_endpoints")
    .addColumn("node_key", "text", (column) => column.primaryKey())
    .addColumn("address", "text", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("controller_epoch")
    .addColumn("singleton", "integer", (column) => column.primaryKey().check(sql`singleton = 1`))
    .addColumn("epoch", "integer", (column) => column.notNull())
    .execute();
  await sql`INSERT INTO controller_epoch (singleton, epoch) VALUES (1, 0)`.execute(db);
  await db.schema
    .createTable("last_tunnel_key")
    .addColumn("singleton", "integer", (column) => column.primaryKey().check(sql`singleton = 1`))
    .addColumn("last", "integer", (column) => column.notNull())
    .execute();
  await sql`INSERT INTO last_tunnel_key (singleton, last) VALUES (1, 0)`.execute(db);
}
