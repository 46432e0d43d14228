import { isLoomstackError } from "@loomstack/core";
import { parseRemote } from "@loomstack/ovsdb";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandIo } from "../../io.ts";
import { formats, type PresentationOptions } from "../../render/presentation.ts";
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

/** The options of a verb that prints sheets. */
export function addPresentation(verb: Command): Command {
  return addJson(verb)
    .addOption(
      new Option("-f, --format <format>", "default: a table, or a list where that is wider than the terminal").choices(
        formats,
      ),
    )
    .option("--no-headings", "leave out headings")
    .option("--no-color", "no colours, as with NO_COLOR in the environment or without a terminal");
}

/** The options of a verb that prints JSON. */
export function addJson(verb: Command): Command {
  return verb.option("--json", "print JSON").option("--pretty", "print JSON on several lines");
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
