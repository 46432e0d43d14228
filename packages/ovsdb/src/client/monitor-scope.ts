import { type AnyMonitorConditions, type EncodedConditions, encodeMonitorConditions } from "../monitor/conditions.ts";
import { type AnyTableSelection, missingOf, type Selection, selectTables } from "../monitor/selection.ts";
import { stringifyJson } from "../notation/json.ts";
import { formatSchema } from "../schema/format-schema.ts";
import type { DatabaseSchema } from "../schema/schema.ts";

export interface MonitorScopeOptions {
  readonly schema: DatabaseSchema;
  readonly tables: AnyTableSelection;
  readonly where: AnyMonitorConditions;
}

/** What is monitored: what was asked for, as far as the server's schema has it. */
export class MonitorScope {
  readonly schema: DatabaseSchema;
  readonly #tables: AnyTableSelection;
  #where: EncodedConditions;
  #selection: Selection = new Map();
  #server: DatabaseSchema;
  #serverSchema = "";

  /** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
  constructor({ schema, tables, where }: MonitorScopeOptions) {
    this.schema = schema;
    this.#server = schema;
    this.#tables = tables;
    this.#where = encodeMonitorConditions(schema, tables, where);
  }

  /** What is monitored of what the server has. */
  get selection(): Selection {
    return this.#selection;
  }

  /** The schema that the server has. */
  get server(): DatabaseSchema {
    return this.#server;
  }

  get missing(): readonly string[] {
    return missingOf(this.#selection);
  }

  get where(): EncodedConditions {
    return this.#where;
  }

  /** The server has this schema. @returns whether that is another one than before */
  adoptSchema(server: DatabaseSchema): boolean {
    const text = stringifyJson(formatSchema(server));
    if (text === this.#serverSchema) return false;
    this.#selection = selectTables(this.schema, this.#tables, server);
    this.#serverSchema = text;
    this.#server = server;
    return true;
  }

  /** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
  encodeWhere(where: AnyMonitorConditions): EncodedConditions {
    return encodeMonitorConditions(this.schema, this.#tables, where);
  }

  /** The server has taken these conditions; those of other tables stay. */
  adoptWhere(where: EncodedConditions): void {
    this.#where = new Map([...this.#where, ...where]);
  }
}
