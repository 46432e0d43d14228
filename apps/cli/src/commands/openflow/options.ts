import { existsSync } from "node:fs";
import path from "node:path";
import type { OpenFlowVersion } from "@loomstack/openflow";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo } from "../../io.ts";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options.ts";

/** How to reach a switch, and how to print what it says, as commander gives it. */
export interface SwitchOptions extends ConnectionOptions {
  readonly protocols?: readonly OpenFlowVersion[];
  readonly json?: boolean;
  readonly names?: boolean;
}

const versions: readonly OpenFlowVersion[] = ["1.0", "1.3", "1.5"];

/** A verb that connects to a switch: with the argument and the options that all of them have. */
export function addSwitchVerb(noun: Command, name: string, io: CommandIo): Command {
  const verb = noun
    .command(name)
    .argument(
      "<switch>",
      "tcp:HOST[:PORT], ssl:HOST[:PORT], unix:PATH (a bridge's .mgmt), or the name of a bridge of this machine",
      switchRemote,
    );
  return addConnectionOptions(verb, io)
    .option("-O, --protocols <versions>", "versions of OpenFlow to offer; default: 1.0,1.3", parseVersions)
    .option("--json", "print a line of JSON for each")
    .option("--names", "print the names of ports in place of their numbers");
}

/** The socket of a bridge that is called by its name, as ovs-ofctl(8) finds it; anything else as it is. */
export function switchRemote(text: string): string {
  if (/[:/]/.test(text)) return text;
  const socket = path.join(process.env["OVS_RUNDIR"] ?? "/var/run/openvswitch", `${text}.mgmt`);
  return existsSync(socket) ? `unix:${socket}` : text;
}

/** `1.3` or `OpenFlow13`. */
export function parseVersion(text: string): OpenFlowVersion {
  const short = text.replace(/^OpenFlow(\d)(\d)$/i, "$1.$2");
  const version = versions.find((known) => known === short);
  if (version === undefined) throw new InvalidArgumentError(`Versions are ${versions.join(", ")}.`);
  return version;
}

function parseVersions(text: string): readonly OpenFlowVersion[] {
  return text.split(",").map(parseVersion);
}
