import { formatSchema } from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson } from "../../render/json.ts";
import { openDatabase } from "./database-argument.ts";
import { addJson } from "../presentation-options.ts";
import { addDatabaseArgument, addVerb, type VerbOptions } from "./options.ts";

type Arguments = [remotes: readonly string[], database: string | undefined, options: VerbOptions];

/** `get-schema <remote> [database]`: the schema as JSON (RFC 7047, 3.2). */
export function addGetSchema(ovsdb: Command, io: CommandIo): void {
  addJson(addDatabaseArgument(addVerb(ovsdb, "get-schema", io)))
    .description("print a database's schema, as JSON in any case")
    .action(async (...[remotes, database, options]: Arguments) => {
      await using opened = await openDatabase(io, remotes, database === undefined ? [] : [database], options, {
        most: 0,
      });
      await io.output.write(formatJson(formatSchema(opened.schema), options.pretty ?? false));
    });
}

/** `get-schema-version <remote> [database]`: an empty line if the schema has none. */
export function addGetSchemaVersion(ovsdb: Command, io: CommandIo): void {
  addJson(addDatabaseArgument(addVerb(ovsdb, "get-schema-version", io)))
    .description("print the version of a database's schema")
    .action(async (...[remotes, database, options]: Arguments) => {
      await using opened = await openDatabase(io, remotes, database === undefined ? [] : [database], options, {
        most: 0,
      });
      const { version } = opened.schema;
      await io.output.write(options.json === true ? formatJson(version, false) : `${version}\n`);
    });
}
