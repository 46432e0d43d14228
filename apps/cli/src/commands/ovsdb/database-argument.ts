import { LoomstackError } from "@loomstack/core";
import type { DatabaseSchema, OvsdbClient } from "@loomstack/ovsdb";
import type { CommandIo } from "../../io.ts";
import type { ServerOptions } from "./options.ts";
import { firstClient, openServer, type Server } from "./server.ts";

/** A database of a server, and the arguments behind its name. */
export interface OpenDatabase extends AsyncDisposable {
  readonly server: Server;
  readonly client: OvsdbClient;
  readonly schema: DatabaseSchema;
  readonly rest: readonly string[];
}

/** How many arguments a command takes behind the database's name. */
export interface Rest {
  readonly fewest?: number;
  readonly most?: number;
}

/**
 * Connects for a command whose arguments are `[database] …`. As with ovsdb-client(1), the first argument names the
 * database if the server has one of that name; who asks for more than any one server has to name it.
 *
 * @throws CLI__USAGE, CLI__DATABASE_UNCLEAR, OVSDB__DATABASE_ABSENT; as openServer, firstClient, OvsdbClient.getSchema
 */
export async function openDatabase(
  io: CommandIo,
  remotes: readonly string[],
  args: readonly string[],
  options: ServerOptions,
  { fewest = 0, most = Infinity }: Rest = {},
): Promise<OpenDatabase> {
  const isNamed = remotes.length > 1 || options.leaderOnly === true;
  if (args.length < fewest + (isNamed ? 1 : 0)) {
    const missing = isNamed ? "the database has to be named (with several remotes, or --leader-only)" : "name a table";
    throw new LoomstackError("CLI__USAGE", { reason: missing });
  }
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await openServer(io, remotes, options, isNamed ? args.slice(0, 1) : []));
  const client = await firstClient(server);
  const { database, rest } = splitArguments(client.remote, await client.listDatabases(), args, { fewest, most });
  const schema = await client.getSchema(database);
  const opened = opening.move();
  return { server, client, schema, rest, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/**
 * The database that is meant, and the arguments behind its name.
 *
 * @throws OVSDB__DATABASE_ABSENT, CLI__DATABASE_UNCLEAR
 */
export function splitArguments(
  remote: string,
  databases: readonly string[],
  args: readonly string[],
  { fewest = 0, most = Infinity }: Rest,
): { readonly database: string; readonly rest: readonly string[] } {
  const [first, ...others] = args;
  if (first !== undefined && args.length > fewest && databases.includes(first)) {
    return { database: first, rest: others };
  }
  if (first !== undefined && args.length > most) {
    throw new LoomstackError("OVSDB__DATABASE_ABSENT", { remote, database: first });
  }
  return { database: defaultDatabase(remote, databases), rest: args };
}

function defaultDatabase(remote: string, databases: readonly string[]): string {
  if (databases.includes("Open_vSwitch")) return "Open_vSwitch";
  const [only, ...others] = databases.filter((name) => !name.startsWith("_"));
  if (only !== undefined && others.length === 0) return only;
  throw new LoomstackError("CLI__DATABASE_UNCLEAR", { remote, databases: databases.join(", ") });
}
