import { isLoomstackError, Listeners, type Uuid } from "@loomstack/core";
import { type DatabaseSchema, isJsonObject, type Json, type JsonObject } from "@loomstack/ovsdb";
import { convertTables } from "./convert.ts";
import { Draft, type StoredChange, type StoredRow } from "./draft.ts";
import { failure } from "./elements.ts";
import { enforceIntegrity } from "./integrity.ts";
import { newUuid, runOperation, type Unmet } from "./operations.ts";

/** What a committed transaction changed. */
export interface Commit {
  readonly transactionId: Uuid;
  readonly changes: readonly StoredChange[];
}

/** How many transactions ovsdb-server remembers. */
const defaultHistoryLimit = 100;

/** A database in memory. */
export class Database {
  /** Told after each transaction that changed something, before its result is known to anyone. */
  readonly commits = new Listeners<Commit>();
  readonly #historyLimit: number;
  /** The last transactions, oldest first. */
  #history: readonly Commit[] = [];
  #schema: DatabaseSchema;
  #tables: ReadonlyMap<string, Map<Uuid, StoredRow>>;
  #lastTransactionId = newUuid();

  constructor(schema: DatabaseSchema, historyLimit = defaultHistoryLimit) {
    this.#schema = schema;
    this.#historyLimit = historyLimit;
    this.#tables = new Map(Object.keys(schema.tables).map((table) => [table, new Map()]));
  }

  get schema(): DatabaseSchema {
    return this.#schema;
  }

  get lastTransactionId(): Uuid {
    return this.#lastTransactionId;
  }

  rows(table: string): ReadonlyMap<Uuid, StoredRow> {
    return this.#tables.get(table) ?? new Map<Uuid, StoredRow>();
  }

  /**
   * What the transactions after `transactionId` have changed in all, one change for each row; undefined when that
   * transaction isn't remembered.
   */
  changesSince(transactionId: Json | undefined): readonly StoredChange[] | undefined {
    if (transactionId === this.#lastTransactionId) return [];
    const place = this.#history.findIndex((commit) => commit.transactionId === transactionId);
    if (place < 0) return undefined;
    const merged = new Map<Uuid, StoredChange>();
    for (const change of this.#history.slice(place + 1).flatMap(({ changes }) => changes)) {
      const earlier = merged.get(change.uuid);
      merged.set(change.uuid, earlier === undefined ? change : { ...change, before: earlier.before });
    }
    return [...merged.values()];
  }

  /** Gives the database another schema. The history is forgotten. @throws OVSDB__… when the rows don't fit */
  convert(schema: DatabaseSchema): void {
    const tables = convertTables(this.#tables, this.#schema, schema);
    const draft = new Draft(tables);
    enforceIntegrity(schema, draft);
    this.#schema = schema;
    this.#tables = tables;
    this.#commit(draft);
    this.#history = [];
    this.#lastTransactionId = newUuid();
  }

  /**
   * Carries out the operations of a `transact` request, and gives its result: all of it or nothing is done.
   *
   * @param waitedMs for how long the transaction has waited already
   * @param ownsLock whether the client owns a lock
   */
  transact(
    operations: readonly Json[],
    waitedMs = Infinity,
    ownsLock: (name: string) => boolean = () => false,
  ): readonly Json[] | Unmet {
    const draft = new Draft(this.#tables);
    const results: Json[] = [];
    try {
      const scope = { schema: this.schema, draft, names: namesOf(operations), waitedMs, ownsLock };
      for (const operation of operations) {
        const result = runOperation(scope, expectOperation(operation));
        if (isUnmet(result)) return result;
        results.push(result);
      }
      enforceIntegrity(this.schema, draft);
    } catch (error) {
      return [
        ...results,
        describeFailure(error),
        ...Array<null>(Math.max(0, operations.length - results.length - 1)).fill(null),
      ];
    }
    this.#commit(draft);
    return results;
  }

  /** Changes rows from inside the server, as another client of it would. @throws OVSDB__OPERATION_FAILED */
  change(work: (draft: Draft) => void): void {
    const draft = new Draft(this.#tables);
    work(draft);
    enforceIntegrity(this.schema, draft);
    this.#commit(draft);
  }

  #commit(draft: Draft): void {
    const changes = draft.changes();
    if (changes.length === 0) return;
    for (const { table, uuid, after } of changes) {
      if (after === undefined) this.#tables.get(table)?.delete(uuid);
      else this.#tables.get(table)?.set(uuid, after);
    }
    this.#lastTransactionId = newUuid();
    const commit = { transactionId: this.#lastTransactionId, changes };
    this.#history = [...this.#history, commit].slice(-this.#historyLimit);
    this.commits.tell(commit);
  }
}

export function isUnmet(result: JsonObject | readonly Json[] | Unmet): result is Unmet {
  return "timeoutMs" in result;
}

function expectOperation(json: Json): JsonObject {
  if (isJsonObject(json)) return json;
  throw failure("syntax error", "an operation isn't an object");
}

/** A uuid-name may be used before the insert that it names. */
function namesOf(operations: readonly Json[]): ReadonlyMap<string, Uuid> {
  const names = new Map<string, Uuid>();
  for (const operation of operations) {
    const name = isJsonObject(operation) && operation["op"] === "insert" ? operation["uuid-name"] : undefined;
    if (typeof name !== "string") continue;
    if (!names.has(name)) names.set(name, newUuid());
  }
  return names;
}

function describeFailure(error: unknown): JsonObject {
  if (isLoomstackError(error, "OVSDB__OPERATION_FAILED")) {
    return { error: String(error.context.error), details: String(error.context.details) };
  }
  if (isLoomstackError(error)) return { error: "syntax error", details: error.message };
  throw error;
}
