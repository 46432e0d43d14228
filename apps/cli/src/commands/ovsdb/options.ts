import { isLoomstackError, LoomstackError } from "@loomstack/core";
import { parseRemote } from "@loomstack/ovsdb";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandIo } from "../../io.ts";
import { formats, type PresentationOptions } from "../../render/presentation.ts";

/** How to reach a server, as commander gives it. */
export interface ServerOptions {
  readonly privateKey?: string;
  readonly certificate?: string;
  readonly caCert?: string;
  /** Undefined: the person hasn't said. */
  readonly leaderOnly?: boolean;
  /** In seconds. */
  readonly timeout?: number;
}

export type VerbOptions = ServerOptions & PresentationOptions;

const remoteHelp = "tcp:HOST[:PORT], ssl:HOST[:PORT] or unix:PATH; several of one cluster with commas between them";

/** What a timer can hold, in seconds. */
const longestTimeoutSeconds = 2_147_483;

/** A verb of `loomstack ovsdb`: with the argument and the options that all of them have. */
export function addVerb(noun: Command, name: string, io: CommandIo): Command {
  return noun
    .command(name)
    .argument("<remote>", remoteHelp, parseRemotes)
    .option("-p, --private-key <file>", "our private key for ssl:, PEM")
    .option("-c, --certificate <file>", "our certificate for ssl:, PEM")
    .option("-C, --ca-cert <file>", "the certificate of the authority that signs the server's, PEM")
    .option("--leader-only", "use a cluster's leader only; default with several remotes")
    .option("--no-leader-only", "use any server of a cluster; default with one remote")
    .option("-t, --timeout <seconds>", "give up when it isn't done by then", parseSeconds)
    .hook("preAction", (_, action) => limitTime(action.opts<ServerOptions>(), io));
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

function limitTime({ timeout: limitSeconds }: ServerOptions, io: CommandIo): void {
  if (limitSeconds === undefined) return;
  const stop = (): void => io.stop(new LoomstackError("CLI__TIMEOUT", { limitSeconds }));
  io.atEnd.use(io.clock.after(limitSeconds * 1_000, stop));
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

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= longestTimeoutSeconds) return seconds;
  throw new InvalidArgumentError(`Seconds are expected, more than 0 and at most ${longestTimeoutSeconds}.`);
}
