/**
 * Hypervisors that are played, all in one process: `node fake-process.ts <count>`. Each has an OVSDB server that does
 * with bridges and interfaces what ovs-vswitchd does, and its bridges connect to the controller that they are given.
 * Says which TCP ports the databases have, and ends when nobody is left who listens.
 */
import type { Uuid } from "@loomstack/core";
import { type ColumnValue, isAtomSet, parseRemote } from "@loomstack/ovsdb";
import { type Database, startOvsdbServer } from "@loomstack/testkit";
import { FakeSwitch } from "./fake-switch.ts";
import { endpointOf, systemId } from "./work.ts";

process.on("disconnect", () => process.exit());
/** By tunnel endpoint: the bridge where tunnels end. */
const ends = new Map<string, FakeSwitch>();
const count = Number(process.argv[2]);
const ports: number[] = [];
for (let index = 0; index < count; index += 1) ports.push(await play(index));
process.send?.({ ports });

async function play(index: number): Promise<number> {
  const server = await startOvsdbServer({ systemId: systemId(index), behaveLikeVswitchd: true });
  const { database } = server;
  setEndpoint(database, endpointOf(index));
  const bridges = new Map<Uuid, FakeSwitch>();
  const look = (): void => follow(database, bridges, endpointOf(index));
  database.commits.add(({ changes }) => {
    if (changes.some(({ table }) => table === "Bridge" || table === "Controller")) look();
  });
  const remote = parseRemote(server.remote);
  return remote.kind === "unix" ? 0 : remote.port;
}

function setEndpoint(database: Database, endpoint: string): void {
  database.change((draft) => {
    for (const [uuid, row] of draft.rows("Open_vSwitch"))
      draft.put("Open_vSwitch", uuid, { ...row, other_config: new Map([["local_ip", endpoint]]) });
  });
}

/** Makes, points and ends switches as the database says. */
function follow(database: Database, bridges: Map<Uuid, FakeSwitch>, endpoint: string): void {
  const rows = database.rows("Bridge");
  for (const [uuid, bridge] of bridges) {
    if (rows.has(uuid)) continue;
    bridge[Symbol.dispose]();
    bridges.delete(uuid);
  }
  for (const [uuid, row] of rows) {
    const datapathId = row["datapath_id"];
    if (typeof datapathId !== "string") continue;
    const bridge = bridges.get(uuid) ?? makeSwitch(BigInt(`0x${datapathId}`));
    bridges.set(uuid, bridge);
    if (row["name"] === "br-tun") ends.set(endpoint, bridge);
    const [controller] = references(row["controller"]);
    const target = controller === undefined ? undefined : database.rows("Controller").get(controller)?.["target"];
    bridge.target = typeof target === "string" ? target : undefined;
  }
}

function makeSwitch(dpid: bigint): FakeSwitch {
  return new FakeSwitch({ dpid, transmit: (endpoint, frame) => ends.get(endpoint)?.receive(frame) });
}

function references(value: ColumnValue): readonly Uuid[] {
  return isAtomSet(value) ? ([...value] as Uuid[]) : [];
}
