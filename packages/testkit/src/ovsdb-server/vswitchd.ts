/**
 * What ovs-vswitchd writes into its database, as far as a controller looks at it. Only the database is played, no
 * packet moves.
 */
import type { Uuid } from "@loomstack/core";
import { type ColumnValue, isAtomMap, isAtomSet } from "@loomstack/ovsdb";
import type { Database } from "./database.ts";
import type { Draft, StoredRow } from "./draft.ts";

/** OFPP_LOCAL: the port of the interface that is named as its bridge. */
const localPort = 65534;

/** Reacts to each transaction of others with one of its own, a little later. */
export function playVswitchd(database: Database): Disposable {
  const react = (): void => database.change(configure);
  react();
  return database.commits.add(() => setImmediate(react));
}

function configure(draft: Draft): void {
  const interfaceBridges = new Map<Uuid, StoredRow>();
  for (const [uuid, bridge] of draft.rows("Bridge")) {
    configureBridge(draft, uuid, bridge);
    const interfaces = references(bridge["ports"]).flatMap((port) =>
      references(draft.rows("Port").get(port)?.["interfaces"]),
    );
    for (const id of interfaces) interfaceBridges.set(id, bridge);
    numberInterfaces(draft, bridge, interfaces);
  }
  // Last: a raised cur_cfg says that the rest is done.
  for (const [uuid, root] of draft.rows("Open_vSwitch")) {
    patch(draft, "Open_vSwitch", uuid, root, { cur_cfg: root["next_cfg"] });
  }
}

function configureBridge(draft: Draft, uuid: Uuid, bridge: StoredRow): void {
  const settings = bridge["other_config"];
  const asked = isAtomMap(settings) ? settings.get("datapath-id") : undefined;
  const datapathId = typeof asked === "string" ? asked : `0000${uuid.replaceAll("-", "").slice(0, 12)}`;
  patch(draft, "Bridge", uuid, bridge, { datapath_id: datapathId });
}

function numberInterfaces(draft: Draft, bridge: StoredRow, interfaces: readonly Uuid[]): void {
  const rows = draft.rows("Interface");
  const used = new Set(interfaces.map((uuid) => rows.get(uuid)?.["ofport"]));
  for (const uuid of interfaces) {
    const row = rows.get(uuid);
    if (row === undefined || row["ofport"] !== undefined) continue;
    const ofport = row["name"] === bridge["name"] ? localPort : freePort(used, row["ofport_request"]);
    used.add(ofport);
    const mac = `02:${(uuid.slice(0, 10).replace("-", "").match(/../g) ?? []).slice(0, 5).join(":")}`;
    patch(draft, "Interface", uuid, row, {
      ofport,
      mac_in_use: mac,
      admin_state: "up",
      link_state: "up",
      error: undefined,
    });
  }
}

function freePort(used: ReadonlySet<ColumnValue>, requested: ColumnValue): number {
  if (typeof requested === "number" && !used.has(requested)) return requested;
  let port = 1;
  while (used.has(port)) port++;
  return port;
}

function patch(draft: Draft, table: string, uuid: Uuid, row: StoredRow, values: StoredRow): void {
  const isDone = Object.entries(values).every(([column, value]) => row[column] === value);
  if (!isDone) draft.put(table, uuid, { ...draft.rows(table).get(uuid), ...values });
}

function references(value: ColumnValue): readonly Uuid[] {
  return isAtomSet(value) ? ([...value] as Uuid[]) : [];
}
