import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson } from "../../render/json.ts";
import { presentationOf } from "../../render/presentation.ts";
import { addJson } from "../presentation-options.ts";
import { addVerb, type VerbOptions } from "./options.ts";
import { firstClient, openServer } from "./server.ts";

/** `list-dbs <remote>`: the names of the databases, one a line. */
export function addListDbs(ovsdb: Command, io: CommandIo): void {
  addJson(addVerb(ovsdb, "list-dbs", io))
    .description("print the names of the databases")
    .action((remotes: readonly string[], options: VerbOptions) => listDbs(io, remotes, options));
}

async function listDbs(io: CommandIo, remotes: readonly string[], options: VerbOptions): Promise<void> {
  await using server = await openServer(io, remotes, options);
  const names = [...(await (await firstClient(server)).listDatabases())].sort();
  const { format, isPretty } = presentationOf(options, io);
  await io.output.write(format === "json" ? formatJson(names, isPretty) : names.map((name) => `${name}\n`).join(""));
}
