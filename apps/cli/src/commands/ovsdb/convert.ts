import { isDeepStrictEqual } from "node:util";
import { LoomstackError, messageOf } from "@loomstack/core";
import {
  type DatabaseSchema,
  formatSchema,
  isJsonArray,
  isJsonObject,
  type Json,
  parseJson,
  parseSchema,
} from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { readText } from "../../text-file.ts";
import { addVerb, type VerbOptions } from "./options.ts";
import { firstClient, openServer } from "./server.ts";

type Arguments = [remotes: readonly string[], file: string, options: VerbOptions];

/** `convert <remote> <schema-file>`: gives the database that the schema names that schema. */
export function addConvert(ovsdb: Command, io: CommandIo): void {
  addVerb(ovsdb, "convert", io)
    .description("convert a database to another schema; columns that it lacks are lost")
    .argument("<schema-file>", "the schema, whose name is the database's")
    .action(async (...[remotes, file, options]: Arguments) => {
      const schema = await readSchema(file);
      await using server = await openServer(io, remotes, options, [schema.name]);
      const client = await firstClient(server);
      // Otherwise the server closes our connection too, and we don't hear that it has converted.
      await client.setDatabaseChangeAware(true);
      await client.convert(schema.name, schema);
    });
}

/** `needs-conversion <remote> <schema-file>`: `yes` or `no`. */
export function addNeedsConversion(ovsdb: Command, io: CommandIo): void {
  addVerb(ovsdb, "needs-conversion", io)
    .description("print whether a database's schema is another one than the file's")
    .argument("<schema-file>", "the schema, whose name is the database's")
    .action(async (...[remotes, file, options]: Arguments) => {
      const schema = await readSchema(file);
      await using server = await openServer(io, remotes, options, [schema.name]);
      const current = await (await firstClient(server)).getSchema(schema.name);
      await io.output.write(schemasEqual(schema, current) ? "no\n" : "yes\n");
    });
}

/** Whether two schemas say the same; the order of members and of allowed values doesn't count. */
export function schemasEqual(one: DatabaseSchema, other: DatabaseSchema): boolean {
  return isDeepStrictEqual(withSortedSets(formatSchema(one)), withSortedSets(formatSchema(other)));
}

function withSortedSets(json: Json): Json {
  if (isJsonArray(json)) {
    const [kind, elements] = json;
    return kind === "set" && isJsonArray(elements) ? [kind, [...elements].sort()] : json.map(withSortedSets);
  }
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, withSortedSets(member)]));
}

/** @throws CLI__FILE_UNREADABLE, CLI__USAGE, OVSDB__MALFORMED_SCHEMA */
async function readSchema(file: string): Promise<DatabaseSchema> {
  const text = await readText(file);
  try {
    return parseSchema(parseJson(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new LoomstackError("CLI__USAGE", { reason: `${file} isn't JSON: ${messageOf(error)}` }, { cause: error });
  }
}
