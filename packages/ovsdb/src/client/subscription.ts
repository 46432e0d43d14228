import type { LoomstackError, Uuid } from "@loomstack/core";
import { ReplicaTables } from "../cache/tables.ts";
import { monitorRequests, selectTables } from "../monitor/selection.ts";
import type { Json, JsonObject } from "../notation/json.ts";
import { zeroUuid } from "../notation/uuid.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { Dialect } from "./dialects.ts";
import { MonitorScope, type MonitorScopeOptions } from "./monitor-scope.ts";
import type { MonitorTarget } from "./monitor-target.ts";

export interface SubscriptionOptions extends MonitorScopeOptions {
  /** Whether the rows stay of use after the connection, because another one takes them on. */
  readonly isResumed: boolean;
}

/**
 * What is replicated, and how far the replica has come. It knows no connection: the next one goes on where the last one
 * ended.
 */
export class Subscription extends MonitorScope implements MonitorTarget {
  readonly rows: ReplicaTables;
  readonly isResumed: boolean;
  /** Whether the rows may be others than the conditions say: then all of them have to be asked for. */
  #isUncertain = false;
  #lastTransactionId = zeroUuid;

  /** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
  constructor(options: SubscriptionOptions) {
    super(options);
    const { schema, tables, isResumed } = options;
    this.isResumed = isResumed;
    this.rows = new ReplicaTables(selectTables(schema, tables, schema));
  }

  get requests(): JsonObject {
    return monitorRequests(this.selection, { where: this.where });
  }

  /** The last transaction that the rows contain; zero when the rows are of no use for going on. */
  get since(): Uuid {
    return this.#isUncertain ? zeroUuid : this.#lastTransactionId;
  }

  canUse({ hasConditions }: Dialect): boolean {
    return hasConditions || this.where.size === 0;
  }

  /** Rows that were read under another schema are no start for a difference. */
  override adoptSchema(server: DatabaseSchema): boolean {
    const isOther = super.adoptSchema(server);
    if (isOther) this.#lastTransactionId = zeroUuid;
    return isOther;
  }

  begin(dialect: Dialect, answer: Json): void {
    this.#advance(() => {
      const { isDifference, transactionId, updates } = dialect.initial(answer);
      const rowUpdates = dialect.read(updates, this.selection);
      if (isDifference) this.rows.apply(rowUpdates);
      else this.rows.replace(rowUpdates);
      this.#isUncertain = false;
      return transactionId;
    });
  }

  receive(dialect: Dialect, params: readonly Json[]): void {
    this.#advance(() => {
      this.rows.apply(dialect.read(params.at(-1), this.selection));
      return dialect.transactionId(params);
    });
  }

  doubtConditions(): void {
    this.#isUncertain = true;
  }

  end(error: LoomstackError): void {
    this.rows.end(error);
  }

  /** Applies updates, which give the last transaction that they contain. Rows that some don't fit are of no use. */
  #advance(apply: () => Uuid): void {
    try {
      this.#lastTransactionId = apply();
    } catch (error) {
      this.#isUncertain = true;
      throw error;
    }
  }
}
