import { LoomstackError, type Uuid } from "@loomstack/core";
import type { AnyMonitorConditions } from "../monitor/conditions.ts";
import type { AnyRowEvent } from "../monitor/row-event.ts";
import { type AnyTableSelection, monitorRequests, type MonitorSelect } from "../monitor/selection.ts";
import type { Json, JsonObject } from "../notation/json.ts";
import { zeroUuid } from "../notation/uuid.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { BatchQueue } from "./batch-queue.ts";
import type { Dialect } from "./dialects.ts";
import { MonitorScope } from "./monitor-scope.ts";
import type { MonitorTarget } from "./monitor-target.ts";

/** WatchOptions whose types are known no more. */
export interface AnyWatchOptions {
  readonly where?: AnyMonitorConditions;
  readonly select?: { readonly [table: string]: MonitorSelect | undefined };
  readonly oldValues?: boolean;
  readonly since?: Uuid;
  readonly waitingEventLimit?: number;
}

interface AnyRowEvents {
  readonly events: readonly AnyRowEvent[];
  readonly transactionId: Uuid | undefined;
}

const defaultWaitingEventLimit = 100_000;

/** A watch whose types are known no more: it keeps events until they are read, and no rows. */
export class AnyWatch extends MonitorScope implements MonitorTarget, AsyncDisposable {
  readonly isResumed = false;
  readonly since: Uuid;
  readonly #remote: string;
  readonly #select: ReadonlyMap<string, MonitorSelect>;
  readonly #needsOldValues: boolean;
  readonly #limit: number;
  readonly #queue: BatchQueue<AnyRowEvents>;
  #endMonitor: () => Promise<void> = () => Promise.resolve();

  /** @throws OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN, OVSDB__INVALID_VALUE */
  constructor(remote: string, schema: DatabaseSchema, tables: AnyTableSelection, options: AnyWatchOptions) {
    const { where = {}, select = {}, oldValues = false, since = zeroUuid } = options;
    super({ schema, tables, where });
    if (oldValues && this.where.size > 0) throw invalid("where of a watch", "old values aren't told with conditions");
    this.#remote = remote;
    this.#select = selectsOf(select, tables);
    this.#needsOldValues = oldValues;
    this.since = since;
    this.#limit = options.waitingEventLimit ?? defaultWaitingEventLimit;
    this.#queue = new BatchQueue(this.#limit);
  }

  get requests(): JsonObject {
    return monitorRequests(this.selection, { where: this.where, select: this.#select });
  }

  /** @param endMonitor ends the monitor, once it runs */
  start(endMonitor: () => Promise<void>): void {
    this.#endMonitor = endMonitor;
  }

  canUse({ hasConditions, tellsOldValues }: Dialect): boolean {
    return this.#needsOldValues ? tellsOldValues : hasConditions || this.where.size === 0;
  }

  begin(dialect: Dialect, answer: Json): void {
    const { transactionId, updates } = dialect.initial(answer);
    const events = dialect.readEvents(updates, this.selection, true);
    this.#queue.add({ events, transactionId: known(transactionId) }, 0);
  }

  receive(dialect: Dialect, params: readonly Json[]): void {
    const events = dialect.readEvents(params.at(-1), this.selection, false);
    const transactionId = known(dialect.transactionId(params));
    if (this.#queue.add({ events, transactionId }, events.length)) return;
    const [remote, database, limit] = [this.#remote, this.schema.name, this.#limit];
    this.#queue.end(new LoomstackError("OVSDB__EVENTS_EXCEEDED", { remote, database, limit }));
    void this.#endMonitor();
  }

  doubtConditions(): void {}

  end(error: LoomstackError): void {
    this.#queue.end(error);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AnyRowEvents, undefined> {
    try {
      return yield* this.#queue.batches();
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.clear();
    await this.#endMonitor();
  }
}

/** A server without ids for transactions has the zero UUID for all of them. */
function known(transactionId: Uuid): Uuid | undefined {
  return transactionId === zeroUuid ? undefined : transactionId;
}

function selectsOf(
  select: NonNullable<AnyWatchOptions["select"]>,
  tables: AnyTableSelection,
): ReadonlyMap<string, MonitorSelect> {
  const selects = new Map<string, MonitorSelect>();
  for (const [table, kinds] of Object.entries(select)) {
    if (kinds === undefined) continue;
    if (tables[table] === undefined) throw invalid(`select of ${table}`, "it isn't watched");
    selects.set(table, kinds);
  }
  return selects;
}

function invalid(label: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__INVALID_VALUE", { label, reason });
}
