/** What compiles and what doesn't, checked by `tsc` alone: none of this runs. */
import type { Uuid } from "@loomstack/core";
import type { OvsdbClient } from "../client/client.ts";
import type { Integer } from "../notation/atom.ts";
import { insert, mutate, remove, select, update, wait } from "../notation/operation.ts";
import type { NamedUuid } from "../notation/uuid.ts";
import type { ColumnValue } from "../notation/value.ts";
import { hardwareVtep } from "./hardware-vtep.generated.ts";
import { openVswitch } from "./open-vswitch.generated.ts";
import { ovnNorthbound } from "./ovn-northbound.generated.ts";
import { ovnSouthbound } from "./ovn-southbound.generated.ts";
import type { Row, WholeRow } from "./row-types.ts";
import type { DatabaseSchema } from "./schema.ts";
import { serverDatabase } from "./server.generated.ts";

declare const client: OvsdbClient;
declare const uuid: Uuid;
declare const name: NamedUuid;

/** True when each of two types can stand for the other. */
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : never) : never;

/** Rows are read as the schemas say. */
export const rowTypes: readonly true[] = [
  true satisfies Same<Row<typeof openVswitch, "Bridge">["fail_mode"], "standalone" | "secure" | undefined>,
  true satisfies Same<Row<typeof openVswitch, "Port">["tag"], number | undefined>,
  true satisfies Same<Row<typeof openVswitch, "Open_vSwitch">["next_cfg"], Integer>,
  true satisfies Same<Row<typeof openVswitch, "Interface">["statistics"], ReadonlyMap<string, Integer>>,
  true satisfies Same<Row<typeof openVswitch, "Bridge">["flow_tables"], ReadonlyMap<number, Uuid>>,
  true satisfies Same<Row<typeof hardwareVtep, "Physical_Port">["vlan_bindings"], ReadonlyMap<number, Uuid>>,
  true satisfies Same<Row<typeof ovnNorthbound, "ACL">["priority"], number>,
  true satisfies Same<Row<typeof ovnNorthbound, "Logical_Switch">["ports"], ReadonlySet<Uuid>>,
  true satisfies Same<Row<typeof ovnSouthbound, "Logical_Flow">["pipeline"], "ingress" | "egress">,
  true satisfies Same<Row<typeof ovnSouthbound, "Port_Binding">["up"], boolean | undefined>,
  true satisfies Same<Row<typeof serverDatabase, "Database">["model"], "standalone" | "clustered" | "relay">,
  true satisfies Same<WholeRow<typeof serverDatabase, "Database">["_uuid"], Uuid>,
];

export const conditions = (): unknown[] => [
  remove(openVswitch, "Bridge", [["name", "==", "br0"]]),
  remove(openVswitch, "Bridge", [true, ["_uuid", "!=", uuid], ["_version", "==", uuid]]),
  remove(openVswitch, "Port", [["tag", "excludes", new Set([1, 2])]]),
  remove(openVswitch, "Port", [["tag", "==", undefined]]),
  remove(ovnNorthbound, "ACL", [["priority", ">=", 1000]]),
  remove(ovnNorthbound, "ACL", [["direction", "==", "to-lport"]]),
  remove(ovnSouthbound, "Logical_Flow", [["table_id", "<", 8]]),
  remove(hardwareVtep, "Logical_Switch", [["tunnel_key", ">", 5000]]),
  remove(hardwareVtep, "Physical_Switch", [["ports", "includes", new Set([uuid])]]),
  // @ts-expect-error there is no table Brigde
  remove(openVswitch, "Brigde", []),
  // @ts-expect-error Bridge is a table of another schema
  remove(ovnNorthbound, "Bridge", []),
  // @ts-expect-error there is no column nmae
  remove(openVswitch, "Bridge", [["nmae", "==", "br0"]]),
  // @ts-expect-error priority is a column of another table
  remove(ovnNorthbound, "Logical_Switch", [["priority", "==", 1]]),
  // @ts-expect-error a name is no number
  remove(openVswitch, "Bridge", [["name", "==", 7]]),
  // @ts-expect-error this is none of the directions
  remove(ovnNorthbound, "ACL", [["direction", "==", "sideways"]]),
  // @ts-expect-error texts are in no order
  remove(openVswitch, "Bridge", [["name", "<", "br0"]]),
  // @ts-expect-error a set is in no order
  remove(openVswitch, "Port", [["trunks", "<", 7]]),
  // @ts-expect-error nothing is in no order to anything
  remove(openVswitch, "Port", [["tag", "<", undefined]]),
  // @ts-expect-error there is no such function
  remove(openVswitch, "Port", [["tag", "=", 7]]),
  // @ts-expect-error a set is compared with a Set
  remove(openVswitch, "Bridge", [["ports", "includes", uuid]]),
  // @ts-expect-error a reference is no text
  remove(openVswitch, "Bridge", [["_uuid", "==", "br0"]]),
];

export const rows = (): unknown[] => [
  insert(openVswitch, "Bridge", { name: "br0", fail_mode: "secure", ports: new Set([uuid, name]) }),
  insert(openVswitch, "Port", { name: "p", interfaces: new Set([name]), tag: undefined }, { uuidName: name, uuid }),
  insert(hardwareVtep, "Ucast_Macs_Remote", { MAC: "00:00:00:00:00:01", logical_switch: uuid, locator: name }),
  insert(ovnNorthbound, "Logical_Switch", { name: "ls", other_config: new Map([["subnet", "10.0.0.0/24"]]) }),
  insert(ovnSouthbound, "Chassis", { name: "host-1", encaps: new Set([name]) }),
  update(ovnNorthbound, "ACL", [], { action: "drop", log: true }),
  // @ts-expect-error there is no column nmae
  insert(openVswitch, "Bridge", { nmae: "br0" }),
  // @ts-expect-error there is no such mode
  insert(openVswitch, "Bridge", { fail_mode: "open" }),
  // @ts-expect-error a set isn't written as an array
  insert(openVswitch, "Bridge", { ports: [uuid] }),
  // @ts-expect-error a map isn't written as an object
  insert(ovnNorthbound, "Logical_Switch", { other_config: { subnet: "10.0.0.0/24" } }),
  // @ts-expect-error a reference is no text
  insert(hardwareVtep, "Ucast_Macs_Remote", { locator: "10.0.0.1" }),
  // @ts-expect-error a name is always there
  insert(openVswitch, "Bridge", { name: undefined }),
  // @ts-expect-error a row has its UUID from the insert's own option
  insert(openVswitch, "Bridge", { _uuid: uuid }),
  // @ts-expect-error only an insert names a bridge
  update(openVswitch, "Bridge", [], { name: "br1" }),
  // @ts-expect-error only an insert names a physical locator's address
  update(hardwareVtep, "Physical_Locator", [], { dst_ip: "10.0.0.2" }),
  // @ts-expect-error an action is none of these
  update(ovnNorthbound, "ACL", [], { action: "explode" }),
];

export const mutations = (): unknown[] => [
  mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "+=", 1]]),
  mutate(openVswitch, "Bridge", [], [["external_ids", "delete", new Set(["k"])]]),
  mutate(openVswitch, "Bridge", [], [["external_ids", "insert", new Map([["k", "v"]])]]),
  mutate(openVswitch, "Port", [], [["trunks", "-=", 1]]),
  mutate(ovnNorthbound, "Logical_Switch", [], [["ports", "insert", new Set([name])]]),
  mutate(ovnSouthbound, "SB_Global", [], [["nb_cfg", "%=", 7n]]),
  // @ts-expect-error there is no column next
  mutate(openVswitch, "Open_vSwitch", [], [["next", "+=", 1]]),
  // @ts-expect-error a text isn't calculated with
  mutate(openVswitch, "Interface", [], [["type", "+=", 1]]),
  // @ts-expect-error a map isn't calculated with
  mutate(openVswitch, "Interface", [], [["statistics", "+=", 1]]),
  // @ts-expect-error a column of one value has nothing inserted
  mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "insert", 1]]),
  // @ts-expect-error keys alone aren't inserted
  mutate(openVswitch, "Bridge", [], [["external_ids", "insert", new Set(["k"])]]),
  // @ts-expect-error a set of references holds no texts
  mutate(ovnNorthbound, "Logical_Switch", [], [["ports", "insert", new Set(["lsp"])]]),
  // @ts-expect-error only an insert names a bridge
  mutate(openVswitch, "Bridge", [], [["name", "insert", "br1"]]),
];

export const waits = (): unknown[] => [
  wait(openVswitch, "Bridge", [["name", "==", "br0"]], ["fail_mode", "ports"], "==", [{ fail_mode: "secure" }], 100),
  wait(ovnNorthbound, "NB_Global", [], ["_uuid", "nb_cfg"], "!=", [{ _uuid: uuid, nb_cfg: 1 }], Infinity),
  // @ts-expect-error there is no column nmae
  wait(openVswitch, "Bridge", [], ["nmae"], "==", []),
  // @ts-expect-error name isn't compared
  wait(openVswitch, "Bridge", [], ["ports"], "==", [{ name: "br0" }]),
  // @ts-expect-error a name is no number
  wait(openVswitch, "Bridge", [], ["name"], "==", [{ name: 7 }]),
  // @ts-expect-error rows are compared for being the same or not
  wait(openVswitch, "Bridge", [], ["name"], "<", []),
];

export const selects = async (): Promise<unknown[]> => {
  const [{ rows: some }, { rows: whole }, { rows: flows }] = await client.transact("Open_vSwitch", [
    select(openVswitch, "Bridge", [], ["_uuid", "name", "_version"]),
    select(openVswitch, "Bridge", []),
    select(ovnSouthbound, "Logical_Flow", [["pipeline", "==", "egress"]], ["match", "priority"]),
  ]);
  return [
    true satisfies Same<
      (typeof some)[number],
      { readonly name: string; readonly _uuid: Uuid; readonly _version: Uuid }
    >,
    true satisfies Same<(typeof whole)[number], WholeRow<typeof openVswitch, "Bridge">>,
    true satisfies Same<(typeof flows)[number]["priority"], number>,
    whole.map(({ fail_mode }) => fail_mode),
    // @ts-expect-error it wasn't selected
    some.map(({ ports }): unknown => ports),
    // @ts-expect-error it wasn't selected
    flows.map(({ _uuid }): unknown => _uuid),
    // @ts-expect-error there is no column nmae
    select(openVswitch, "Bridge", [], ["nmae"]),
  ];
};

export const replicas = async (): Promise<unknown[]> => {
  const replica = await client.monitor(ovnNorthbound, { Logical_Switch: ["name", "ports"], ACL: "all" });
  const [first] = replica.table("Logical_Switch").values();
  return [
    first?.name,
    true satisfies Same<typeof first, { readonly name: string; readonly ports: ReadonlySet<Uuid> } | undefined>,
    await client.monitor(serverDatabase, { Database: ["leader"] }, { where: { Database: [["name", "==", "db"]] } }),
    // @ts-expect-error it isn't replicated
    [...replica.table("Logical_Switch").values()].map(({ acls }): unknown => acls),
    // @ts-expect-error it isn't replicated
    replica.table("Logical_Router"),
    // @ts-expect-error there is no table Logical_Swich
    client.monitor(ovnNorthbound, { Logical_Swich: "all" }),
    // @ts-expect-error there is no column nmae
    client.monitor(ovnNorthbound, { Logical_Switch: ["nmae"] }),
    // @ts-expect-error a name is no number
    client.monitor(ovnNorthbound, { Logical_Switch: "all" }, { where: { Logical_Switch: [["name", "==", 7]] } }),
  ];
};

/** A schema that isn't known before the program runs. */
export const undeclared = async (schema: DatabaseSchema, table: string): Promise<unknown[]> => {
  const replica = await client.monitor(schema, { [table]: "all" });
  const watch = await client.watch(schema, { [table]: ["name"] });
  const [{ rows }] = await client.transact(schema.name, [
    select(schema, table, [
      ["name", "==", "a"],
      ["height", ">=", 1.5],
    ]),
    insert(schema, table, { name: "a", tags: new Set([1]), ids: new Map([["k", 1n]]), nothing: undefined }),
    mutate(schema, table, [], [["height", "+=", 1]]),
    wait(schema, table, [true], ["name"], "==", [{ name: "a" }]),
  ]);
  return [
    replica.table(table).values().toArray()[0]?.["name"] satisfies ColumnValue,
    rows[0]?.["name"] satisfies ColumnValue,
    watch.missing,
    // @ts-expect-error there is no such function
    select(schema, table, [["name", "=", "a"]]),
    // @ts-expect-error a column holds no dates
    insert(schema, table, { name: new Date() }),
  ];
};

export const watches = async (): Promise<unknown[]> => {
  const watch = await client.watch(
    openVswitch,
    { Bridge: ["name", "ports"], Port: "all" },
    { select: { Port: { initial: false } }, where: { Bridge: [["name", "==", "br0"]] } },
  );
  const seen: unknown[] = [];
  for await (const { events } of watch) {
    for (const event of events) {
      if (event.table === "Bridge" && event.kind === "modify") {
        const { name, ports } = event.difference;
        seen.push(name satisfies string | undefined, ports satisfies ReadonlySet<Uuid> | undefined);
        // @ts-expect-error it isn't watched
        seen.push(event.difference.fail_mode);
      }
      // @ts-expect-error a row that is deleted is no more
      if (event.kind === "delete") seen.push(event.row);
    }
  }
  return [
    seen,
    // @ts-expect-error there is no table Brigde
    client.watch(openVswitch, { Brigde: "all" }),
    // @ts-expect-error Port isn't watched
    client.watch(openVswitch, { Bridge: "all" }, { select: { Port: { initial: false } } }),
    // @ts-expect-error there is no such kind
    client.watch(openVswitch, { Bridge: "all" }, { select: { Bridge: { updates: false } } }),
  ];
};
