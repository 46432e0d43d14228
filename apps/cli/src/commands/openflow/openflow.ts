import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { addDecode } from "./decode.ts";
import { addDumpGroups, addDumpMeters, addDumpPorts, addDumpTables } from "./dump.ts";
import { addDumpFlows } from "./dump-flows.ts";
import { addEncode } from "./encode.ts";
import { addMonitor } from "./monitor.ts";
import { addParseFlow } from "./parse-flow.ts";
import { addPrint } from "./print.ts";
import { addShow } from "./show.ts";

/** `loomstack openflow …`: OpenFlow messages and switches, in the manner of ovs-ofctl(8). */
export function addOpenflow(program: Command, io: CommandIo): void {
  const openflow = program.command("openflow").description("read, write and ask OpenFlow, as ovs-ofctl(8) does");
  for (const add of [
    addDecode,
    addEncode,
    addPrint,
    addParseFlow,
    addDumpFlows,
    addDumpGroups,
    addDumpMeters,
    addDumpPorts,
    addDumpTables,
    addShow,
    addMonitor,
  ])
    add(openflow, io);
}
