import { LoomstackError } from "@loomstack/core";
import { type ColumnValue, findTable } from "@loomstack/ovsdb";
import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { addVerb, type VerbOptions } from "./options.ts";
import { parseRowCondition } from "./row-condition.ts";
import { firstSchema, noteOutages, openServer } from "./server.ts";

/** States of a database that are waited for: the words of ovsdb-client(1). */
const states = ["added", "connected", "removed"] as const;
type State = (typeof states)[number];

/** A row of table Database in `_Server` (ovsdb-server(5)). */
interface DatabaseRow {
  readonly [column: string]: ColumnValue;
}

/**
 * `wait <remote> <database> added|connected|removed` and `wait <remote> <database> <table> [condition…]`. Prints
 * nothing. A server that can't be reached is waited for too.
 */
export function addWait(ovsdb: Command, io: CommandIo): void {
  addVerb(ovsdb, "wait", io)
    .description("wait until a database is in a state, or until a row satisfies conditions")
    .argument("<database>")
    .argument("<what>", "added, connected or removed; or a table")
    .argument("[conditions...]", "column[:key]=value as for ovs-vsctl wait-until; one row has to satisfy all")
    .action(
      (
        remotes: readonly string[],
        database: string,
        what: string,
        conditions: readonly string[],
        options: VerbOptions,
      ) => {
        const state = states.find((name) => name === what);
        return state !== undefined && conditions.length === 0
          ? waitForDatabase(io, remotes, database, state, options)
          : waitForRow(io, remotes, { database, table: what, conditions }, options);
      },
    );
}

async function waitForDatabase(
  io: CommandIo,
  remotes: readonly string[],
  database: string,
  state: State,
  options: VerbOptions,
): Promise<void> {
  // What one server says of itself: whether it leads isn't the question.
  if (remotes.length > 1) throw new LoomstackError("CLI__USAGE", { reason: `${state} is waited for at one remote` });
  await using server = await openServer(io, remotes, { ...options, leaderOnly: false });
  using _noting = noteOutages(server, io);
  const schema = await firstSchema(server, "_Server", io.signal);
  const replica = await server.ovsdb.monitor(schema, { Database: ["name", "connected"] }, { signal: io.signal });
  await replica.until(() => {
    const rows: Iterable<DatabaseRow> = replica.table("Database").values();
    const found = Iterator.from(rows).find(({ name }) => name === database);
    if (state === "removed") return found === undefined;
    return found !== undefined && (state === "added" || found.connected === true);
  }, io.signal);
}

interface AwaitedRow {
  readonly database: string;
  readonly table: string;
  readonly conditions: readonly string[];
}

async function waitForRow(
  io: CommandIo,
  remotes: readonly string[],
  { database, table, conditions: texts }: AwaitedRow,
  options: VerbOptions,
): Promise<void> {
  await using server = await openServer(io, remotes, options, [database]);
  using _noting = noteOutages(server, io);
  const schema = await firstSchema(server, database, io.signal);
  findTable(schema, table);
  const conditions = texts.map((text) => parseRowCondition(schema, table, text));
  const columns = new Set(conditions.map(({ column }) => column));
  columns.delete("_uuid");
  const selection = { [table]: columns.size === 0 ? ("all" as const) : [...columns] };
  const replica = await server.ovsdb.monitor(schema, selection, { signal: io.signal });
  await replica.until(
    () =>
      replica
        .table(table)
        .entries()
        .some(([uuid, row]) => conditions.every(({ holds }) => holds(uuid, row))),
    io.signal,
  );
}
