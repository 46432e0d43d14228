import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson } from "../../render/json.ts";
import { formatSheet, presentationOf } from "../../render/presentation.ts";
import { openDatabase } from "./database-argument.ts";
import { addPresentation } from "../presentation-options.ts";
import { addDatabaseArgument, addVerb, type VerbOptions } from "./options.ts";

/** `list-tables <remote> [database]`: the names of the tables. */
export function addListTables(ovsdb: Command, io: CommandIo): void {
  addPresentation(addDatabaseArgument(addVerb(ovsdb, "list-tables", io)))
    .description("print the names of a database's tables")
    .action((remotes: readonly string[], database: string | undefined, options: VerbOptions) =>
      listTables(io, remotes, database === undefined ? [] : [database], options),
    );
}

async function listTables(
  io: CommandIo,
  remotes: readonly string[],
  args: readonly string[],
  options: VerbOptions,
): Promise<void> {
  await using opened = await openDatabase(io, remotes, args, options, { most: 0 });
  const names = Object.keys(opened.schema.tables).sort();
  const presentation = presentationOf(options, io);
  const sheet = { headings: ["Table"], rows: names.map((name) => [name]) };
  await io.output.write(
    presentation.format === "json" ? formatJson(names, presentation.isPretty) : formatSheet(sheet, presentation),
  );
}
