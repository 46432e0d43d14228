import { stringifyJson } from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson } from "../../render/json.ts";
import { formatSheet, presentationOf } from "../../render/presentation.ts";
import { type TypedColumn, typedColumns } from "./column-type.ts";
import { openDatabase } from "./database-argument.ts";
import { addPresentation } from "../presentation-options.ts";
import { addVerb, type VerbOptions } from "./options.ts";

/** `list-columns <remote> [database] [table]`: the columns and their types. */
export function addListColumns(ovsdb: Command, io: CommandIo): void {
  addPresentation(addVerb(ovsdb, "list-columns", io))
    .description("print the columns of a table or of all tables, with their types")
    .argument("[names...]", "[database] [table]")
    .usage("[options] <remote> [database] [table]")
    .action((remotes: readonly string[], names: readonly string[], options: VerbOptions) =>
      listColumns(io, remotes, names, options),
    );
}

async function listColumns(
  io: CommandIo,
  remotes: readonly string[],
  names: readonly string[],
  options: VerbOptions,
): Promise<void> {
  await using opened = await openDatabase(io, remotes, names, options, { most: 1 });
  const [table] = opened.rest;
  const tables = table === undefined ? Object.keys(opened.schema.tables).sort() : [table];
  const columns = tables.flatMap((name) => typedColumns(opened.schema, name));
  const presentation = presentationOf(options, io);
  if (presentation.format === "json") {
    await io.output.write(
      formatJson(
        columns.map((column) => ({ ...column })),
        presentation.isPretty,
      ),
    );
    return;
  }
  const cellsOf = ({ table: name, column, type }: TypedColumn): readonly string[] => [
    ...(table === undefined ? [name] : []),
    column,
    stringifyJson(type),
  ];
  const headings = [...(table === undefined ? ["Table"] : []), "Column", "Type"];
  await io.output.write(formatSheet({ headings, rows: columns.map(cellsOf) }, presentation));
}
