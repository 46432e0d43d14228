/** A replica of a server's rows, as its user has it: typed by the schema and the selection. */
import { silentLogger, systemClock, type Uuid } from "@loomstack/core";
import { type OvsdbServer, startOvsdbServer } from "@loomstack/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OvsdbClient } from "../client/client.ts";
import { connectOvsdb } from "../client/connect.ts";
import { mutate, remove, update } from "../notation/operation.ts";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { DatabaseSchema } from "../schema/schema.ts";

const db = "Open_vSwitch";
let server: OvsdbServer;
let client: OvsdbClient;
let other: OvsdbClient;

const connect = ({ remote }: OvsdbServer): Promise<OvsdbClient> =>
  connectOvsdb({ remote, clock: systemClock, logger: silentLogger });

beforeAll(async () => {
  server = await startOvsdbServer();
  client = await connect(server);
  other = await connect(server);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function makeBridge(name: string): Promise<readonly [bridge: Uuid, port: Uuid, iface: Uuid]> {
  const draft = (await client.monitor(openVswitch, {})).draft();
  const iface = draft.insert("Interface", { name, external_ids: new Map([["iface-id", `id of ${name}`]]) });
  const member = draft.insert("Port", { name, interfaces: new Set([iface]) });
  const bridge = draft.insert("Bridge", { name, ports: new Set([member]) });
  const uuids = draft.uuidsOf(
    await other.transact(db, [
      ...draft.operations,
      mutate(openVswitch, "Open_vSwitch", [], [["bridges", "insert", new Set([bridge])]]),
    ]),
  );
  const [one, two, three] = [bridge, member, iface].map((id) => uuids.get(id));
  if (one === undefined || two === undefined || three === undefined) throw new TypeError("a row has no UUID");
  return [one, two, three];
}

test("rows are found by what is in them, and by what refers to them", async () => {
  await using replica = await client.monitor(openVswitch, { Bridge: ["ports"], Interface: ["external_ids"] });
  using bridgesByPort = replica.indexByEach("Bridge", ({ ports }) => ports);
  using byIfaceId = replica.index("Interface", ({ external_ids }) => external_ids.get("iface-id"));
  const made = makeBridge("br0");
  const { uuid, row } = await byIfaceId.until("id of br0");
  const [bridge, member, iface] = await made;
  expect([uuid, row.external_ids.size]).toEqual([iface, 1]);
  expect([...bridgesByPort.get(member).keys()]).toEqual([bridge]);
  expect(bridgesByPort.get(bridge).size).toBe(0);
  // @ts-expect-error names aren't replicated
  using _byName = replica.index("Bridge", ({ name }: { readonly name: string }) => name);
});

test("a row is waited for until it satisfies, or is gone", async () => {
  await using replica = await client.monitor(openVswitch, { Bridge: ["name", "datapath_id"] });
  const [bridge] = await makeBridge("br1");
  await replica.until(() => replica.table("Bridge").has(bridge));
  const waiting = replica.untilRow("Bridge", bridge, ({ datapath_id }) => datapath_id !== undefined);
  const never = expect(replica.untilRow("Bridge", bridge, () => false)).rejects.toMatchObject({
    code: "OVSDB__NO_SUCH_ROW",
  });
  await other.transact(db, [update(openVswitch, "Bridge", [["name", "==", "br1"]], { datapath_id: "7" })]);
  expect(await waiting).toEqual({ name: "br1", datapath_id: "7" });
  await other.transact(db, [
    mutate(openVswitch, "Open_vSwitch", [], [["bridges", "delete", new Set([bridge])]]),
    remove(openVswitch, "Bridge", [["_uuid", "==", bridge]]),
  ]);
  await never;
  // @ts-expect-error ports aren't replicated
  const _ports = replica.untilRow("Bridge", bridge, ({ ports }) => ports !== undefined);
  await expect(_ports).rejects.toMatchObject({ code: "OVSDB__NO_SUCH_ROW" });
});

test("a change tells its columns to those who watch the table", async () => {
  await using replica = await client.monitor(openVswitch, { Bridge: ["name", "fail_mode", "external_ids"] });
  const told: unknown[] = [];
  using _watching = replica.watch("Bridge", {
    insert: (_uuid, { name }) => told.push(name),
    modify(_uuid, { name }, before, changed) {
      told.push([name, before.fail_mode, changed]);
      // @ts-expect-error ports aren't replicated
      void changed.includes("ports");
    },
    delete: (_uuid, { name }) => told.push(`no ${name}`),
  });
  const [bridge] = await makeBridge("br2");
  const row = { fail_mode: "secure", external_ids: new Map([["a", "1"]]) } as const;
  await client.transact(db, [update(openVswitch, "Bridge", [["_uuid", "==", bridge]], row)]);
  await client.transact(db, [mutate(openVswitch, "Open_vSwitch", [], [["bridges", "delete", new Set([bridge])]])]);
  expect(told).toEqual(["br2", ["br2", undefined, ["fail_mode", "external_ids"]], "no br2"]);
});

test("a draft doesn't write what an older server lacks, and says so before anything is sent", async () => {
  const { Bridge, Port } = openVswitch.tables;
  const { name, ports, external_ids } = Bridge.columns;
  const tables = { Bridge: { ...Bridge, isRoot: true, columns: { name, ports, external_ids } }, Port };
  const old: DatabaseSchema = {
    name: db,
    version: "6.0.0",
    tables: { ...tables, Port: { isRoot: false, columns: { name: Port.columns.name } } },
  };
  await using oldServer = await startOvsdbServer({ schema: old });
  await using oldClient = await connect(oldServer);
  const replica = await oldClient.monitor(openVswitch, { Bridge: ["name", "ports", "fail_mode"], Interface: ["name"] });
  expect(replica.missing).toEqual(["Bridge.fail_mode", "Interface"]);
  const draft = replica.draft();
  const refusal = (label: string): unknown =>
    expect.objectContaining({ code: "OVSDB__NOT_ON_SERVER", context: { label, schema: db, version: "6.0.0" } });
  expect(() => draft.insert("Bridge", { name: "br0", fail_mode: "secure" })).toThrow(refusal("Bridge.fail_mode"));
  expect(() => draft.insert("Bridge", { name: "br0", stp_enable: true })).toThrow(refusal("Bridge.stp_enable"));
  expect(() => draft.insert("Interface", { name: "br0" })).toThrow(refusal("Interface"));
  const bridge = draft.insert("Bridge", { name: "br0", external_ids: new Map([["a", "1"]]) });
  expect(draft.table("Bridge").get(bridge)).toEqual({ name: "br0", ports: new Set(), fail_mode: undefined });
  await oldClient.transact(db, draft.operations);
  expect([...replica.table("Bridge").values()]).toEqual([{ name: "br0", ports: new Set(), fail_mode: undefined }]);
});

test("two drafts over one replica know nothing of each other", async () => {
  await using replica = await client.monitor(openVswitch, { Bridge: ["name", "external_ids"] });
  const [bridge] = await makeBridge("br3");
  await replica.until(() => replica.table("Bridge").has(bridge));
  const drafts = ["a", "b"].map((key) => {
    const draft = replica.draft();
    draft.mutate("Bridge", bridge, [["external_ids", "insert", new Map([[key, "1"]])]]);
    expect([...(draft.table("Bridge").get(bridge)?.external_ids.keys() ?? [])]).toEqual([key]);
    return draft;
  });
  expect(replica.table("Bridge").get(bridge)?.external_ids.size).toBe(0);
  await Promise.all(drafts.map((draft) => client.transact(db, draft.operations)));
  expect(replica.table("Bridge").get(bridge)?.external_ids).toEqual(
    new Map([
      ["a", "1"],
      ["b", "1"],
    ]),
  );
});
