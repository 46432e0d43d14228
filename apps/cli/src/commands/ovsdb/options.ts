import { isLoomstackError } from "@loomstack/core";
import { parseRemote } from "@loomstack/ovsdb";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo } from "../../io.ts";
import type { PresentationOptions } from "../../render/presentation.ts";
import { addConnectionOptions, type ConnectionOptions } from "../connection-options.ts";

/** How to reach a server, as commander gives it. */
export interface ServerOptions extends ConnectionOptions {
  /** Undefined: the person hasn't said. */
  readonly leaderOnly?: boolean;
}

export type VerbOptions = ServerOptions & PresentationOptions;

const remoteHelp = "tcp:HOST[:PORT], ssl:HOST[:PORT] or unix:PATH; several of one cluster with commas between them";

/** A verb of `loomstack ovsdb`: with the argument and the options that all of them have. */
export function addVerb(noun: Command, name: string, io: CommandIo): Command {
  return addConnectionOptions(noun.command(name).argument("<remote>", remoteHelp, parseRemotes), io)
    .option("--leader-only", "use a cluster's leader only; default with several remotes")
    .option("--no-leader-only", "use any server of a cluster; default with one remote");
}

export function addDatabaseArgument(verb: Command): Command {
  return verb.argument("[database]", "default: Open_vSwitch, or the only one that the server has");
}

function parseRemotes(text: string): readonly string[] {
  const remotes = text.split(",");
  try {
    remotes.forEach(parseRemote);
    return remotes;
  } catch (error) {
    if (isLoomstackError(error)) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
