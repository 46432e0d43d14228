import { LoomstackError } from "@loomstack/core";
import type { JsonObject } from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { formatJson } from "../../render/json.ts";
import { formatSheets, presentationOf } from "../../render/presentation.ts";
import { addPresentation } from "../presentation-options.ts";
import { addVerb, type VerbOptions } from "./options.ts";
import { firstClient, openServer } from "./server.ts";
import { rawOperation, readTransaction, type Transaction } from "./transaction-argument.ts";
import { haveRows, resultSheets } from "./transaction-sheets.ts";

/** As long as a timer can be: a `wait` operation may take what it likes, and --timeout bounds all. */
const noTimeLimitMs = 2 ** 31 - 1;

/** The operations that change nothing (RFC 7047, 5.2). */
const readingOperations: readonly unknown[] = ["select", "wait", "comment", "assert"];

type Arguments = [remotes: readonly string[], transaction: string, options: VerbOptions];

/** `transact <remote> <transaction>`: carries out all operations or none. */
export function addTransact(ovsdb: Command, io: CommandIo): void {
  addTransactionArgument(addVerb(ovsdb, "transact", io))
    .description("carry out a transaction and print the operations' results")
    .action(async (...[remotes, text, options]: Arguments) =>
      transact(io, remotes, await readTransaction(text, io), options),
    );
}

/** `query <remote> <transaction>`: as `transact`, and refuses what would change something. */
export function addQuery(ovsdb: Command, io: CommandIo): void {
  addTransactionArgument(addVerb(ovsdb, "query", io))
    .description("carry out a transaction that changes nothing")
    .action(async (...[remotes, text, options]: Arguments) => {
      const transaction = await readTransaction(text, io);
      const index = transaction.operations.findIndex(({ op }) => !readingOperations.includes(op));
      if (index === -1) return await transact(io, remotes, transaction, options);
      const reason = `operation ${index} of the query may change the database; a query takes ${readingOperations.join(", ")}`;
      throw new LoomstackError("CLI__USAGE", { reason });
    });
}

function addTransactionArgument(verb: Command): Command {
  return addPresentation(verb).argument(
    "<transaction>",
    '["DATABASE", {"op": …}, …] (RFC 7047, 4.1.3); - for standard input',
  );
}

async function transact(
  io: CommandIo,
  remotes: readonly string[],
  { database, operations }: Transaction,
  options: VerbOptions,
): Promise<void> {
  await using server = await openServer(io, remotes, options, [database]);
  const client = await firstClient(server);
  const results = await client.transact(database, operations.map(rawOperation), { timeLimitMs: noTimeLimitMs });
  const replies = results.flatMap(({ rows }): readonly JsonObject[] => rows);
  const presentation = presentationOf(options, io);
  if (presentation.format === "json") {
    await io.output.write(formatJson(replies, presentation.isPretty));
    return;
  }
  const schema = haveRows(replies) ? await client.getSchema(database) : { name: database, version: "", tables: {} };
  await io.output.write(formatSheets(resultSheets(schema, operations, replies), presentation));
}
