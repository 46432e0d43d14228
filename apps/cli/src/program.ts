import { Command } from "commander";
import { addEvents } from "./commands/events/events.ts";
import { addExplain } from "./commands/explain/explain.ts";
import { addFlows } from "./commands/flows/flows.ts";
import { addHypervisors } from "./commands/hypervisors/hypervisors.ts";
import { addOpenflow } from "./commands/openflow/openflow.ts";
import { addOvsdb } from "./commands/ovsdb/ovsdb.ts";
import { addSwitches } from "./commands/switches/switches.ts";
import { addTrace } from "./commands/trace/trace.ts";
import { addTraffic } from "./commands/traffic/traffic.ts";
import type { CommandIo } from "./io.ts";

/** All commands, `loomstack <noun> <verb> …`. Wrong usage is told on standard error, and thrown as CommanderError. */
export function createProgram(io: CommandIo): Command {
  const program = new Command("loomstack")
    .description("Private cloud networks over plain hypervisors: the command line.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.output.send(text),
      writeErr: (text) => io.note(text.trimEnd().replace(/\n\(/, " (")),
      outputError: (text, write) => write(text.replace(/^error: /, "")),
    });
  addEvents(program, io);
  addExplain(program, io);
  addFlows(program, io);
  addHypervisors(program, io);
  addOpenflow(program, io);
  addOvsdb(program, io);
  addSwitches(program, io);
  addTrace(program, io);
  addTraffic(program, io);
  return program;
}
