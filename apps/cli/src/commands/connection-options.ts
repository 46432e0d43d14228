import { LoomstackError } from "@loomstack/core";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo } from "../io.ts";
import { readText } from "../text-file.ts";

/** How to reach a server or a switch, as commander gives it. */
export interface ConnectionOptions {
  readonly privateKey?: string;
  readonly certificate?: string;
  readonly caCert?: string;
  /** In seconds. */
  readonly timeout?: number;
}

/** What the files for `ssl:` hold, in PEM. */
export interface TlsTexts {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** What a timer can hold, in seconds. */
const longestTimeoutSeconds = 2_147_483;

/** The options of a verb that connects to something, with those of Open vSwitch's programs for `ssl:`. */
export function addConnectionOptions(verb: Command, io: CommandIo): Command {
  return addTimeLimit(verb, io)
    .option("-p, --private-key <file>", "our private key for ssl:, PEM")
    .option("-c, --certificate <file>", "our certificate for ssl:, PEM")
    .option("-C, --ca-cert <file>", "the certificate of the authority that signs the server's, PEM");
}

/** The option of a verb that waits for something. */
export function addTimeLimit(verb: Command, io: CommandIo): Command {
  return verb
    .option("-t, --timeout <seconds>", "give up when it isn't done by then", parseSeconds)
    .hook("preAction", (_, action) => limitTime(action.opts<ConnectionOptions>(), io));
}

/** The texts for `ssl:`; undefined unless all three files are given. @throws CLI__FILE_UNREADABLE */
export async function readTlsFiles(options: ConnectionOptions): Promise<TlsTexts | undefined> {
  const { privateKey, certificate, caCert } = options;
  if (privateKey === undefined || certificate === undefined || caCert === undefined) return undefined;
  return { key: await readText(privateKey), cert: await readText(certificate), ca: await readText(caCert) };
}

function limitTime({ timeout: limitSeconds }: ConnectionOptions, io: CommandIo): void {
  if (limitSeconds === undefined) return;
  const stop = (): void => io.stop(new LoomstackError("CLI__TIMEOUT", { limitSeconds }));
  io.atEnd.use(io.clock.after(limitSeconds * 1_000, stop));
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= longestTimeoutSeconds) return seconds;
  throw new InvalidArgumentError(`Seconds are expected, more than 0 and at most ${longestTimeoutSeconds}.`);
}
