import { isJsonObject, type Json, parseJson } from "@loomstack/ovsdb";
import { LoomstackError } from "@loomstack/core";
import { type Command, Option } from "commander";
import { ControllerClient, type Credentials } from "../../controller-client.ts";
import type { CommandIo } from "../../io.ts";
import { readText } from "../../text-file.ts";
import { addTimeLimit } from "../connection-options.ts";

/** How to reach the controller, as commander gives it. */
export interface ControllerOptions {
  readonly url: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly credentials?: string;
}

/** A verb that calls the controller: with the options that all of them have. */
export function addControllerVerb(noun: Command, name: string, io: CommandIo): Command {
  const url = new Option("--url <url>", "the controller's HTTP API").env("LOOMSTACK_URL");
  return addTimeLimit(noun.command(name), io)
    .addOption(url.default("http://127.0.0.1:8080"))
    .option("--user <name>", "an administrator; default: LOOMSTACK_USER in the environment")
    .option("--password-file <file>", "a file with the password; default: LOOMSTACK_PASSWORD in the environment")
    .addOption(
      new Option(
        "--credentials <file>",
        "name and password, such as the initial-administrator.json of a server",
      ).conflicts(["user", "passwordFile"]),
    );
}

/** @throws CLI__USAGE when it isn't said who calls; CLI__FILE_UNREADABLE, CLI__BROKEN_INPUT */
export async function openController(io: CommandIo, options: ControllerOptions): Promise<ControllerClient> {
  const credentials = await credentialsOf(options, process.env);
  return new ControllerClient({ url: options.url, credentials, clock: io.clock, signal: io.signal });
}

async function credentialsOf(options: ControllerOptions, env: NodeJS.ProcessEnv): Promise<Credentials> {
  if (options.credentials !== undefined) return await readCredentials(options.credentials);
  const name = options.user ?? env["LOOMSTACK_USER"];
  const { passwordFile: file } = options;
  const password = file === undefined ? env["LOOMSTACK_PASSWORD"] : (await readText(file)).replace(/\r?\n$/, "");
  if (name !== undefined && password !== undefined) return checked({ name, password });
  const reason =
    "who calls? --credentials FILE, or --user NAME (LOOMSTACK_USER) with --password-file FILE or LOOMSTACK_PASSWORD";
  throw new LoomstackError("CLI__USAGE", { reason });
}

async function readCredentials(file: string): Promise<Credentials> {
  const json = parsed(file, await readText(file));
  if (isJsonObject(json)) {
    const { name, password } = json;
    if (typeof name === "string" && typeof password === "string") return checked({ name, password });
  }
  throw new LoomstackError("CLI__BROKEN_INPUT", { source: file, where: "name and password", reason: "are expected" });
}

function parsed(file: string, text: string): Json {
  try {
    return parseJson(text);
  } catch {
    // What the parser says might quote the password.
    throw new LoomstackError("CLI__BROKEN_INPUT", { source: file, where: "its text", reason: "is no JSON" });
  }
}

/** HTTP Basic ends the name at its first colon (RFC 7617, 2). */
function checked(credentials: Credentials): Credentials {
  if (!credentials.name.includes(":")) return credentials;
  throw new LoomstackError("CLI__USAGE", { reason: "the name of a user has no colon" });
}
