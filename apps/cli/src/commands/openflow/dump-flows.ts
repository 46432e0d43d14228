import { flowStats, formatFlowStats } from "@loomstack/openflow";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { flowFilter, type FlowQuestion, parseCookie } from "./flow-filter.ts";
import { jsonLines } from "./json-lines.ts";
import { addSwitchVerb, type SwitchOptions } from "./options.ts";
import { namesOf, withSwitch } from "./switch.ts";

interface DumpFlowsOptions extends SwitchOptions, FlowQuestion {
  readonly stats?: boolean;
}

/** How many flows are printed at a time. */
const batchSize = 1000;

/** `dump-flows <switch> [flow]`: the flows that a switch has. */
export function addDumpFlows(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "dump-flows", io)
    .description("print the flows of a switch")
    .argument("[flow]", "only these: table=1,cookie=0x5/-1,tcp,in_port=1,out_port=2", "")
    .option("--table <number>", "only those of a table", parseTable)
    .option("--cookie <cookie[/mask]>", "only those with a cookie", parseCookie)
    .option("--stats", "with their age and what they have counted")
    .action((remote: string, text: string, options: DumpFlowsOptions) => dumpFlows(io, remote, text, options));
}

async function dumpFlows(io: CommandIo, remote: string, text: string, options: DumpFlowsOptions): Promise<void> {
  await withSwitch(io, remote, options, async (connection) => {
    const flows = await connection.request(flowStats(flowFilter(text, options, connection)));
    const names = namesOf(connection, options);
    for (let start = 0; start < flows.length; start += batchSize) {
      const batch = flows.slice(start, start + batchSize);
      const lines = batch.map((flow) => ` ${escapeControls(formatFlowStats(flow, names, options.stats === true))}\n`);
      await io.output.write(options.json === true ? jsonLines(batch) : lines.join(""));
    }
  });
}

function parseTable(text: string): number {
  const table = Number(text);
  if (/^\d{1,3}$/.test(text) && table < 0xff) return table;
  throw new InvalidArgumentError("A number from 0 to 254 is expected.");
}
