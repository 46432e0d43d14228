/**
 * Writes docs/pipeline.md from the pipeline's declaration and the flows of an example. With --check it writes nothing,
 * and exits 1 when the file is stale.
 */
import { readFile, writeFile } from "node:fs/promises";
import { formatFlow } from "@loomstack/openflow";
import { features } from "../src/features/features.ts";
import type { PlannedFlow } from "../src/pipeline/planned-flow.ts";
import { registers } from "../src/pipeline/registers.ts";
import { pipeline, tableOf, type TableDefinition } from "../src/pipeline/tables.ts";
import { examplePlan } from "./example-plan.ts";

const file = new URL("../../../docs/pipeline.md", import.meta.url);
const flows = [...examplePlan().desired.flows()].sort(
  (a, b) => b.flow.priority - a.flow.priority || (a.owner < b.owner ? -1 : 1),
);

const page = [
  "# The pipeline",
  "Generated from `packages/fabric/src/pipeline` and `features` by `npm run generate`; the checks keep it fresh. Every flow is held against this declaration",
  "before it is sent. Tables are numbered in the order in which a packet meets them; a packet that no flow matches is dropped, unless the miss says otherwise.",
  "No action is NORMAL or FLOOD.\n",
  "## Tables\n",
  "| bridge | table | name | miss | next | what it asks |",
  "|---|---|---|---|---|---|",
  ...pipeline.map(
    (table) =>
      `| ${table.bridge} | ${table.id} | ${table.name} | ${missOf(table)} | ${table.next.join(", ")} | ${table.doc} |`,
  ),
  "\n## Registers (br-int)\n",
  "| name | where | meaning |",
  "|---|---|---|",
  ...Object.entries(registers).map(
    ([name, register]) =>
      `| ${name} | ${register.field}[${register.start}..${register.start + register.bits - 1}] | ${register.doc} |`,
  ),
  "\n## Features\n",
  "| feature | what it does |",
  "|---|---|",
  ...features.map((feature) => `| ${feature.name} | ${feature.doc} |`),
  "\n## An example\n",
  "Hypervisor 192.0.2.1 holds three ports of a network: port 11 with MAC 02:00:00:00:00:01 and addresses 10.1.0.11 and 2001:db8::11, port 12 with MAC",
  "02:00:00:00:00:02, whose addresses nobody told us, and port 14 with MAC 02:00:00:00:00:04 and address 10.1.0.14, whose port security is off. Hypervisor 192.0.2.2",
  "holds a fourth, with MAC 02:00:00:00:00:03 and addresses 10.1.0.13 and 2001:db8::13. Ports 11 and the fourth share an allowed address pair, 10.1.0.7 with MAC",
  "00:00:5e:00:01:07. The network's tunnel key is 0x64, its local VLAN on 192.0.2.1 is 1. Port 1 is the patch on both bridges, port 2 of br-tun the VXLAN tunnel port.",
  "Port 16, with MAC 02:00:00:00:00:06 and address 198.51.100.16, is of another network there: its tunnel key is 0x65, and it is VLAN 100 of physical network",
  "physnet1, which port 3 of br-int is the patch to. Cookies are left out.",
  ...pipeline.flatMap((table) => tableSection(table, flows)),
  "",
].join("\n");

function missOf(table: TableDefinition): string {
  return table.miss === "drop" ? "drop" : `→ ${table.miss.goto}`;
}

function tableSection(table: TableDefinition, all: readonly PlannedFlow[]): string[] {
  const inTable = all.filter(({ bridge, flow }) => bridge === table.bridge && flow.tableId === table.id);
  const name = (id: number): string => tableOf(table.bridge, id)?.name ?? String(id);
  const rows = inTable.map(({ flow, why }) => `# ${why}\n${formatFlow({ ...flow, cookie: 0n }, { table: name })}`);
  return [`\n### ${table.bridge}, ${table.id}: ${table.name}\n`, `${table.doc}\n`, "```", ...rows, "```"];
}

if (process.argv.includes("--check")) {
  const current = await readFile(file, "utf8").catch(() => "");
  if (current !== page) {
    process.stderr.write("docs/pipeline.md is stale: npm run generate\n");
    process.exitCode = 1;
  }
} else {
  await writeFile(file, page);
}
