/**
 * Writes docs/drift.md from the declaration of what is ours in a hypervisor's database. With --check it writes nothing,
 * and exits 1 when the file is stale.
 */
import { readFile, writeFile } from "node:fs/promises";
import { openVswitch } from "@loomstack/ovsdb";
import { ownedColumns, type OwnedTable } from "../src/reconcile/ownership.ts";

const file = new URL("../../../docs/drift.md", import.meta.url);
const tables = Object.keys(ownedColumns) as OwnedTable[];

const page = `# Drift: what is ours on a hypervisor, and what isn't
The tables below are generated from \`packages/fabric/src/reconcile/ownership.ts\` by \`npm run generate\`; the checks keep them fresh, and a test holds every
column of the schema against them.

What is ours on a hypervisor is what the controller made: two bridges, br-int and br-tun, with the rows below, and the flows on them that carry our cookie; and on a
bridge that leads to a physical network, the port \`loom-from-…\` ([provider-networks.md](provider-networks.md)). Whoever changes it is undone: the database's monitor
and the switches' flow monitors tell of it at once, and what was right is put back in one transaction, or one atomic bundle for each bridge, with nothing in it but the
difference. Each thing that was put back is counted by kind (\`drift\` in \`GET /api/v1/hypervisors\`, \`loomstack hypervisors show\`)
and recorded as an event (\`drift-repaired\`) that says what it was.

Everything else is left as it is, bit for bit: other bridges with their ports, flows, groups, meters, controllers, QoS and mirrors; the guests' ports and whatever others
add to br-int and br-tun; flows there with other cookies, unless one takes the place of ours (same table, priority and match); managers and TLS.

| kind | what drifts |
|---|---|
| \`flow\` | a flow of ours that was deleted or changed, one with our cookie that was added, another's in the place of ours |
| \`bridge\`, \`port\`, \`interface\`, \`controller\` | a row of ours that is gone, or a column of ours in it |
| \`port\` | also one of ours that was told to drop packets (\`ovs-ofctl mod-port\`), which no database says |
| \`external-ids\` | our mark, or the record of a local VLAN |
| \`meter\` | br-int's meter for packets to the controller, which nothing tells of: it is looked at once a second |

## Whose is which column

| row | column | ours: what we want of it |
|---|---|---|
${tables.flatMap((table) => Object.entries(ownedColumns[table]).map(([column, want]) => `| ${table} | ${column} | ${want} |`)).join("\n")}

Of the same rows these columns are others':

| row | left as they are |
|---|---|
${tables.map((table) => `| ${table} | ${othersOf(table).join(", ")} |`).join("\n")}

Of the Open_vSwitch row nothing is ours but that our two bridges are among \`bridges\`. Of it are read: \`external_ids:system-id\`, \`other_config:local_ip\`,
\`external_ids:loomstack-datapath-type\`, by which an administrator chooses another datapath type, and the mappings of physical networks to bridges
(\`external_ids:loomstack-bridge-mappings\`, \`other_config:provider_mappings\`).

## What can't be put back

is a state, with its reason in words, in \`GET /api/v1/hypervisors\` and in the ports that wait for it:

| what | state |
|---|---|
| a bridge br-int or br-tun that somebody else made | \`refused\`, with the command that hands it over |
| a port or bridge elsewhere has the name of a port of ours | \`preparing\`: which one; ours is made once the name is free |
| Open vSwitch can't make a port of ours (\`Interface.error\`) | \`preparing\`: Open vSwitch's own words. A tunnel port that can't be made holds up only what needs that tunnel |
| a guest's interface has no OpenFlow port | its port is \`BUILD\`, with Open vSwitch's own words |
| no bridge leads to a physical network that a port needs, or not as it has to | the port is DOWN, and the reason says what to do |

Somebody who undoes again and again what is put back gets it less and less often, at last once a second. After ten times in a row the hypervisor's reason and an event
(\`drift-contested\`) say so, and events beyond twenty at once are counted, not written.
`;

function othersOf(table: OwnedTable): string[] {
  return Object.keys(openVswitch.tables[table].columns).filter(
    (column) => column !== "name" && !Object.hasOwn(ownedColumns[table], column),
  );
}

if (process.argv.includes("--check")) {
  const current = await readFile(file, "utf8").catch(() => "");
  if (current !== page) {
    process.stderr.write("docs/drift.md is stale: npm run generate\n");
    process.exitCode = 1;
  }
} else {
  await writeFile(file, page);
}
