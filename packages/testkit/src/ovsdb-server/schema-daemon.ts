import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DatabaseSchema, formatSchema, stringifyJson } from "@loomstack/ovsdb";
import { type OvsdbDaemon, type OvsdbDaemonOptions, startOvsdbDaemon } from "./daemon.ts";

/** A real ovsdb-server with a database of a test's own. */
export interface SchemaDaemon extends AsyncDisposable {
  readonly daemon: OvsdbDaemon;
  /** Where the schema is, for other programs. */
  readonly schemaFile: string;
}

/** Starts an ovsdb-server with an empty database of this schema. */
export async function startSchemaDaemon(
  schema: DatabaseSchema,
  options: Omit<OvsdbDaemonOptions, "schemaFile"> = {},
): Promise<SchemaDaemon> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "loomstack-schema-"));
  starting.defer(() => rm(folder, { recursive: true }));
  const schemaFile = join(folder, `${schema.name}.ovsschema`);
  await writeFile(schemaFile, stringifyJson(formatSchema(schema)));
  const daemon = starting.use(await startOvsdbDaemon({ ...options, schemaFile }));
  const running = starting.move();
  return { daemon, schemaFile, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
