import {
  formatConfig,
  formatDescription,
  formatFeatures,
  formatPorts,
  switchConfig,
  switchDescription,
} from "@loomstack/openflow";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeLines } from "../../render/control-characters.ts";
import { jsonLines } from "./json-lines.ts";
import { addSwitchVerb, type SwitchOptions } from "./options.ts";
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
    const short = `(OF${version})`;
    const text = [
      `OFPT_FEATURES_REPLY ${short}: ${formatFeatures(features)}`,
      `OFPST_PORT_DESC reply ${short}:`,
      formatPorts(ports),
      `OFPT_GET_CONFIG_REPLY ${short}: ${formatConfig({ fragments, missSendBytes })}`,
      `OFPST_DESC reply ${short}:`,
      formatDescription(description),
    ].join("\n");
    await io.output.write(`${escapeLines(text)}\n`);
  });
}
