import type { LoomstackError, Uuid } from "@loomstack/core";
import { ReplicaTables } from "../cache/tables.ts";
import { type AnyMonitorConditions, type EncodedConditions, encodeMonitorConditions } from "../monitor/conditions.ts";
import { type AnyTableSelection, missingOf, type Selection, selectTables } from "../monitor/selection.ts";
import { stringifyJson } from "../notation/json.ts";
import { zeroUuid } from "../notation/uuid.ts";
import { formatSchema } from "../schema/format-schema.ts";
import type { DatabaseSchema } from "../schema/schema.ts";

export interface SubscriptionOptions {
  readonly schema: DatabaseSchema;
  readonly tables: AnyTableSelection;
  readonly where: AnyMonitorConditions;
  /** Whether the rows stay of use after the connection, because another one takes them on. */
  readonly isResumed: boolean;
}

/**
 * What is replicated, and how far the replica has come. It knows no connection: the next one goes on where the last one
 * ended.
 */
export class Subscription {
  readonly schema: DatabaseSchema;
  readonly rows: ReplicaTables;
  readonly isResumed: boolean;
  /** Set when the rows may be others than the conditions say: then all of them have to be asked for. */
  isUncertain = false;
  readonly #tables: AnyTableSelection;
  #where: EncodedConditions;
  #selection: Selection = new Map();
  #serverSchema = "";
  #lastTransactionId = zeroUuid;

  /** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
  constructor({ schema, tables, where, isResumed }: SubscriptionOptions) {
    this.schema = schema;
    this.isResumed = isResumed;
    this.#tables = tables;
    this.#where = encodeMonitorConditions(schema, tables, where);
    this.rows = new ReplicaTables(selectTables(schema, tables, schema));
  }

  /** What is replicated of what the server has. */
  get selection(): Selection {
    return this.#selection;
  }

  get missing(): readonly string[] {
    return missingOf(this.#selection);
  }

  get where(): EncodedConditions {
    return this.#where;
  }

  /** The last transaction that the rows contain; zero when the rows are of no use for going on. */
  get since(): Uuid {
    return this.isUncertain ? zeroUuid : this.#lastTransactionId;
  }

  /** The server has this schema. Rows that were read under another one are no start for a difference. */
  adoptSchema(server: DatabaseSchema): void {
    const text = stringifyJson(formatSchema(server));
    if (text === this.#serverSchema) return;
    this.#serverSchema = text;
    this.#selection = selectTables(this.schema, this.#tables, server);
    this.#lastTransactionId = zeroUuid;
  }

  /** Applies updates, which give the last transaction that they contain. Rows that some don't fit are of no use. */
  advance(apply: () => Uuid): void {
    try {
      this.#lastTransactionId = apply();
    } catch (error) {
      this.isUncertain = true;
      throw error;
    }
  }

  /** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
  encodeWhere(where: AnyMonitorConditions): EncodedConditions {
    return encodeMonitorConditions(this.schema, this.#tables, where);
  }

  /** The server has taken these conditions; those of other tables stay. */
  adoptWhere(where: EncodedConditions): void {
    this.#where = new Map([...this.#where, ...where]);
  }

  /** Nothing more will come. */
  end(error: LoomstackError): void {
    this.rows.end(error);
  }
}
