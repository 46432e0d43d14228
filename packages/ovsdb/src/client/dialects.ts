import { isUuid, LoomstackError, type Uuid } from "@loomstack/core";
import { isJsonArray, type Json } from "../notation/json.ts";
import { zeroUuid } from "../notation/uuid.ts";
import { type AnyRowEvent, readEvents, readEvents2 } from "../monitor/row-event.ts";
import type { RowUpdate } from "../monitor/row-update.ts";
import type { Selection } from "../monitor/selection.ts";
import { readUpdate } from "../monitor/update.ts";
import { readUpdate2 } from "../monitor/update2.ts";

/** What the answer to a monitor request says. */
export interface InitialUpdates {
  /** Whether these are the changes since the transaction that was asked for, rather than all rows. */
  readonly isDifference: boolean;
  /** The last transaction that they contain; zero where the server has no ids for transactions. */
  readonly transactionId: Uuid;
  readonly updates: Json | undefined;
}

/** One of the three ways to monitor, and the shape of its messages. */
export interface Dialect {
  readonly method: string;
  /** The notification that it sends; its parameters are the monitor's id, then others, last the updates. */
  readonly notification: string;
  readonly hasConditions: boolean;
  readonly extraParams: (since: Uuid) => readonly Json[];
  readonly read: (json: Json | undefined, selection: Selection) => readonly RowUpdate[];
  /** The same updates for those who keep no rows. */
  readonly readEvents: (json: Json | undefined, selection: Selection, isInitial: boolean) => readonly AnyRowEvent[];
  /** Whether updates tell what was before: all of a deleted row, and of a modified one the columns that changed. */
  readonly tellsOldValues: boolean;
  /** @throws OVSDB__MALFORMED_VALUE */
  readonly initial: (result: Json) => InitialUpdates;
  /** The transaction that a notification brings the replica to. @throws OVSDB__MALFORMED_VALUE */
  readonly transactionId: (params: readonly Json[]) => Uuid;
}

/** What the two older dialects, which know no ids of transactions, have in common. */
const withoutIds = {
  extraParams: () => [],
  initial: (updates: Json): InitialUpdates => ({ isDifference: false, transactionId: zeroUuid, updates }),
  transactionId: () => zeroUuid,
} as const;

/** Newest first: Open vSwitch 2.12, Open vSwitch 2.6, RFC 7047. */
export const dialects: readonly Dialect[] = [
  {
    method: "monitor_cond_since",
    notification: "update3",
    hasConditions: true,
    extraParams: (since) => [since],
    read: readUpdate2,
    readEvents: readEvents2,
    tellsOldValues: false,
    initial: (result) => {
      const [found, transactionId, updates] = isJsonArray(result) ? result : [];
      return { isDifference: found === true, transactionId: readTransactionId(transactionId), updates };
    },
    transactionId: (params) => readTransactionId(params[1]),
  },
  {
    ...withoutIds,
    method: "monitor_cond",
    notification: "update2",
    hasConditions: true,
    read: readUpdate2,
    readEvents: readEvents2,
    tellsOldValues: false,
  },
  {
    ...withoutIds,
    method: "monitor",
    notification: "update",
    hasConditions: false,
    read: readUpdate,
    readEvents,
    tellsOldValues: true,
  },
];

function readTransactionId(json: Json | undefined): Uuid {
  if (typeof json === "string" && isUuid(json)) return json;
  throw new LoomstackError("OVSDB__MALFORMED_VALUE", { label: "the id of a transaction", reason: "it isn't a UUID" });
}
