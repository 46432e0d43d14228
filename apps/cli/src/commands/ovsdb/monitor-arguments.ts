import { isLoomstackError, LoomstackError, messageOf } from "@loomstack/core";
import {
  type ColumnSchema,
  type ColumnValue,
  type DatabaseSchema,
  decodeValue,
  findColumn,
  findTable,
  isJsonArray,
  type Json,
  parseJson,
} from "@loomstack/ovsdb";
import { type Action, actions } from "./row-events.ts";

/** What `monitor` is to tell of. */
export interface MonitorRequest {
  /** The columns of each table. */
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, ColumnSchema>>;
  readonly actions: ReadonlySet<Action>;
}

export type MonitorCondition = readonly [string, ConditionFunction, ColumnValue] | boolean;

const functions = ["==", "!=", "includes", "excludes", "<", "<=", ">", ">="] as const;
type ConditionFunction = (typeof functions)[number];

/**
 * Reads `ALL` or `table [column[,column]…]…`; `!initial`, `!insert`, `!delete`, `!modify` among the columns leave out
 * such events.
 *
 * @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN
 */
export function parseMonitorArguments(
  schema: DatabaseSchema,
  [table = "", ...groups]: readonly string[],
): MonitorRequest {
  const words = groups.flatMap((group) => group.split(","));
  const excluded = actions.filter((action) => words.includes(`!${action}`));
  const columns = words.filter((word) => !actions.some((action) => word === `!${action}`));
  const names = table === "ALL" && !Object.hasOwn(schema.tables, "ALL") ? Object.keys(schema.tables).sort() : [table];
  return {
    tables: new Map(names.map((name) => [name, columnsOf(schema, name, columns)])),
    actions: new Set(actions).difference(new Set(excluded)),
  };
}

function columnsOf(
  schema: DatabaseSchema,
  table: string,
  columns: readonly string[],
): ReadonlyMap<string, ColumnSchema> {
  const names = columns.length > 0 ? columns : Object.keys(findTable(schema, table).columns).sort();
  return new Map(names.map((name) => [name, findColumn(schema, table, name)]));
}

/**
 * Reads the conditions of ovsdb-client(1)'s monitor-cond: `[["name","==","br0"], …]`, of which a row has to satisfy any.
 *
 * @throws CLI__USAGE, OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN
 */
export function parseMonitorConditions(
  schema: DatabaseSchema,
  table: string,
  text: string,
): readonly MonitorCondition[] {
  const json = parse(text);
  if (!isJsonArray(json)) throw usage("they aren't a JSON array");
  return json.map((condition) => parseCondition(schema, table, condition));
}

function parseCondition(schema: DatabaseSchema, table: string, condition: Json): MonitorCondition {
  if (typeof condition === "boolean") return condition;
  const [column, compare, value] = isJsonArray(condition) && condition.length === 3 ? condition : [];
  const known = functions.find((name) => name === compare);
  if (typeof column !== "string" || known === undefined) {
    throw usage(`each is true, false, or ["COLUMN", FUNCTION, VALUE] with one of ${functions.join(" ")}`);
  }
  try {
    return [column, known, decodeValue(findColumn(schema, table, column), value, `${table}.${column}`)];
  } catch (error) {
    if (isLoomstackError(error, "OVSDB__MALFORMED_VALUE")) throw usage(`${column}: ${error.context.reason.toString()}`);
    throw error;
  }
}

function parse(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw usage(messageOf(error));
  }
}

function usage(reason: string): LoomstackError {
  return new LoomstackError("CLI__USAGE", { reason: `the conditions can't be read: ${reason}` });
}
