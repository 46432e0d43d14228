/** Our side of `load`: `node load-replica.ts <remote>` replicates the whole database and prints what it took. */
import { silentLogger, systemClock } from "@loomstack/core";
import { connectOvsdb, openVswitch } from "@loomstack/ovsdb";
import { loadedTables } from "./loaded-tables.ts";
import { readResources } from "./resources.ts";

const [remote = ""] = process.argv.slice(2);
const before = readResources();
await using client = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
await using replica = await client.monitor(openVswitch, loadedTables);
const after = readResources();
const rows =
  replica.table("Open_vSwitch").size +
  replica.table("Bridge").size +
  replica.table("Port").size +
  replica.table("Interface").size;
const figures = {
  load: after.wallS - before.wallS,
  "load-cpu": after.cpuS - before.cpuS,
  "load-memory": after.peakMb - before.residentMb,
};
console.log(JSON.stringify({ figures, params: { rows, node: process.version } }));
