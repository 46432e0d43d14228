import { type ErrorCode, isLoomstackError, LoomstackError } from "@loomstack/core";
import type { Operation } from "../notation/operation.ts";
import type { ResultsOf, TransactOptions } from "./client.ts";
import type { ReconnectingOvsdb } from "./reconnecting.ts";

export interface TransactOnceOptions extends TransactOptions {
  /** How often it is tried in all; default: 10. */
  readonly attemptLimit?: number;
}

/** How a transaction ends that wasn't sent, or that the server may or may not have carried out. */
const repeatedCodes: ReadonlySet<string> = new Set<ErrorCode>([
  "OVSDB__NOT_CONNECTED",
  "OVSDB__CONNECTION_LOST",
  "OVSDB__PEER_SILENT",
  "OVSDB__SEND_BUFFER_EXCEEDED",
  "OVSDB__MONITOR_CANCELED",
  "OVSDB__CANCELED",
]);

/**
 * Carries out a transaction exactly once, over as many connections as it takes. What makes that possible is its first
 * operation: it inserts a row under a UUID that nobody else uses (`insert(…, { uuid })`, Open vSwitch 2.13 or newer), and
 * a server that has that row already refuses the repetition as a whole. Nobody may delete the row meanwhile, and it has
 * to stay: of a table that isn't a root of its schema, something must refer to it.
 *
 * @returns the results; undefined when it was done, but by an attempt whose answer was lost
 * @throws OVSDB__NOT_REPEATABLE when it doesn't begin so; as ReconnectingOvsdb.transact; what the last attempt threw when
 * the limit is reached
 * @example await transactOnce(ovsdb, "OVN_Northbound", [insert(nb, "Logical_Switch", { name }, { uuid: newUuid() })]);
 */
export async function transactOnce<const Operations extends readonly Operation[]>(
  ovsdb: ReconnectingOvsdb,
  database: string,
  operations: Operations,
  { attemptLimit = 10, ...options }: TransactOnceOptions = {},
): Promise<ResultsOf<Operations> | undefined> {
  const { op, uuid } = operations[0]?.json ?? {};
  if (op !== "insert" || uuid === undefined) throw new LoomstackError("OVSDB__NOT_REPEATABLE", { database });
  for (let attempt = 1; ; attempt += 1) {
    await ovsdb.connected(options.signal);
    try {
      return await ovsdb.transact(database, operations, options);
    } catch (error) {
      if (isLoomstackError(error, "OVSDB__DUPLICATE_UUID")) return undefined;
      if (attempt >= attemptLimit || !isWorthRepeating(error)) throw error;
    }
  }
}

function isWorthRepeating(error: unknown): boolean {
  return isLoomstackError(error) && repeatedCodes.has(error.code);
}
