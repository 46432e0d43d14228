import {
  dialectOf,
  type FlowMod,
  type FlowModCommand,
  formatFlowMod,
  messageToJson,
  type OpenFlowVersion,
  parseFlowMod,
} from "@loomstack/openflow";
import { type Command, Option } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { type ConversionOptions, convertFiles } from "./conversion.ts";
import { linesOf } from "./lines.ts";
import { parseVersion } from "./options.ts";
import type { Source } from "./source.ts";

interface ParseFlowOptions extends ConversionOptions {
  readonly file?: readonly string[];
  readonly mod?: FlowModCommand;
  readonly protocol?: OpenFlowVersion;
  readonly json?: boolean;
}

const commands: readonly FlowModCommand[] = ["add", "modify", "modify-strict", "delete", "delete-strict"];

/** More than the text of the longest message. */
const maxFlowBytes = 1024 * 1024;

/** `parse-flow [flow…]`: flows in ovs-ofctl's syntax to the messages that they stand for. */
export function addParseFlow(openflow: Command, io: CommandIo): void {
  openflow
    .command("parse-flow")
    .description("flows in ovs-ofctl's syntax to flow mods: as text, JSON or hexadecimal digits, a line each")
    .argument("[flows...]", "default: lines of the files, or of standard input")
    .option("--file <file...>", "files with a flow on each line, -: standard input")
    .option("-k, --keep-going", "tell what can't be read, and go on behind it")
    .addOption(
      new Option("--mod <command>", "what to do with the flows; default: the line's first word, or add").choices(
        commands,
      ),
    )
    .option("-O, --protocol <version>", "print messages of this version of OpenFlow, in hexadecimal", parseVersion)
    .option("--json", "print the messages as decode does; default: of OpenFlow 1.3")
    .action((flows: readonly string[], options: ParseFlowOptions) => parseFlows(io, flows, options));
}

async function parseFlows(io: CommandIo, flows: readonly string[], options: ParseFlowOptions): Promise<void> {
  const convert = (text: string): string => {
    const line = text.replace(/#.*/s, "").trim();
    return line === "" ? "" : `${escapeControls(formatMod(readMod(line, options), options))}\n`;
  };
  if (flows.length > 0) return await io.output.write(flows.map(convert).join(""));
  const read = ({ chunks }: Source): ReturnType<typeof linesOf> => linesOf(chunks, maxFlowBytes);
  await convertFiles(io, options.file ?? [], options, { read, convert });
}

/** OpenFlow 1.0 leaves it to the switch whether actions fit the match. */
function readMod(line: string, { mod: command, protocol }: ParseFlowOptions): FlowMod {
  return parseFlowMod(line, { ...(command === undefined ? {} : { command }), consistent: protocol !== "1.0" });
}

function formatMod(mod: FlowMod, { protocol, json }: ParseFlowOptions): string {
  if (protocol === undefined && json !== true) return formatFlowMod(mod);
  const bytes = dialectOf(protocol ?? "1.3", { flowModTableId: true }).encode(mod, 0);
  return json === true ? messageToJson(bytes) : Buffer.from(bytes).toString("hex");
}
