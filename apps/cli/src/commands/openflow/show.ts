import { switchConfig, switchDescription } from "@loomstack/openflow";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { jsonLines } from "./json-lines.ts";
import { addSwitchVerb, type SwitchOptions } from "./options.ts";
import { featuresLine, portLine } from "./port-text.ts";
import { withSwitch } from "./switch.ts";

/** `show <switch>`: what a switch is, and its ports. */
export function addShow(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "show", io)
    .description("print what a switch is, and its ports")
    .action((remote: string, options: SwitchOptions) => show(io, remote, options));
}

async function show(io: CommandIo, remote: string, options: SwitchOptions): Promise<void> {
  await withSwitch(io, remote, options, async (connection) => {
    const { version, features } = connection;
    const { fragments, missSendBytes } = await connection.request(switchConfig());
    const description = await connection.request(switchDescription());
    const ports = [...connection.ports.values()].sort((one, other) => one.portNo - other.portNo);
    if (options.json === true) {
      const { kind: _, ...said } = features;
      await io.output.write(
        jsonLines([{ version, ...said, description, config: { fragments, missSendBytes }, ports }]),
      );
      return;
    }
    const { manufacturer, hardware, software, serialNumber, datapath } = description;
    const lines = [
      `OpenFlow ${version} ${featuresLine(features)}`,
      `${manufacturer}, ${hardware} ${software}, serial number ${serialNumber}, ${datapath}`,
      ...ports.map(portLine),
      `frags=${fragments} miss_send_len=${missSendBytes}`,
    ];
    await io.output.write(lines.map((line) => `${escapeControls(line)}\n`).join(""));
  });
}
