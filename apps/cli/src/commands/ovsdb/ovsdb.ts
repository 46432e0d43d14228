import type { Command } from "commander";
import type { CommandIo } from "../../io.ts";
import { addConvert, addNeedsConversion } from "./convert.ts";
import { addDump } from "./dump.ts";
import { addGetSchema, addGetSchemaVersion } from "./get-schema.ts";
import { addListColumns } from "./list-columns.ts";
import { addListDbs } from "./list-dbs.ts";
import { addListTables } from "./list-tables.ts";
import { addLock, addSteal } from "./lock.ts";
import { addMonitor } from "./monitor.ts";
import { addQuery, addTransact } from "./transact.ts";
import { addWait } from "./wait.ts";

/** `loomstack ovsdb …`: any OVSDB server, in the manner of ovsdb-client(1). */
export function addOvsdb(program: Command, io: CommandIo): void {
  const ovsdb = program.command("ovsdb").description("talk to an OVSDB server, as ovsdb-client(1) does");
  for (const add of [
    addListDbs,
    addGetSchema,
    addGetSchemaVersion,
    addListTables,
    addListColumns,
    addDump,
    addQuery,
    addTransact,
    addMonitor,
    addWait,
    addLock,
    addSteal,
    addNeedsConversion,
    addConvert,
  ]) {
    add(ovsdb, io);
  }
}
