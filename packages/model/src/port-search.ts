/** Finds ports by what they are, without reading all the others. */
import type { Kysely } from "kysely";
import type { PortAddressRow } from "./network-tables.ts";
import { type Port, portFromRows } from "./port.ts";
import type { Tables } from "./tables.ts";

/** The columns by which ports are found. */
const portColumns = [
  "id",
  "name",
  "network_id",
  "tenant_id",
  "mac_address",
  "device_id",
  "device_owner",
  "host_id",
] as const;
const addressColumns = ["address", "subnet_id"] as const;

/** The values of which a port, or one of its addresses, has to have one, by column; all of it has to be so. */
export interface PortSearch {
  readonly port: { readonly [Column in (typeof portColumns)[number]]?: readonly string[] };
  /** Of one address of the port all that is said here has to be so. */
  readonly address: { readonly [Column in (typeof addressColumns)[number]]?: readonly string[] };
}

/** So many ports are asked for by their ids at once; SQLite takes 32 766 parameters. */
const idsAtOnce = 1_000;

/** In a fixed order. */
export async function searchPorts(db: Kysely<Tables>, { port, address }: PortSearch): Promise<Port[]> {
  let query = db.selectFrom("ports").selectAll().orderBy("id");
  for (const column of portColumns) {
    const values = port[column];
    if (values !== undefined) query = query.where(column, "in", values);
  }
  if (Object.keys(address).length > 0) {
    let addresses = db.selectFrom("port_addresses").select("port_id");
    for (const column of addressColumns) {
      const values = address[column];
      if (values !== undefined) addresses = addresses.where(column, "in", values);
    }
    query = query.where("id", "in", addresses);
  }
  const rows = await query.execute();
  const byPort = Map.groupBy(await addressesOf(db, rows), (row) => row.port_id);
  return rows.map((row) => portFromRows(row, byPort.get(row.id) ?? []));
}

async function addressesOf(db: Kysely<Tables>, ports: readonly { readonly id: string }[]): Promise<PortAddressRow[]> {
  const all = db.selectFrom("port_addresses").selectAll().orderBy("port_id").orderBy("position");
  if (ports.length > idsAtOnce) return all.execute();
  const ids = ports.map(({ id }) => id);
  return all.where("port_id", "in", ids).execute();
}
