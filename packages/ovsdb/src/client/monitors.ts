import { isLoomstackError, LoomstackError } from "@loomstack/core";
import type { ReplicaTables } from "../cache/tables.ts";
import type { Session } from "../jsonrpc/session.ts";
import { isJsonArray, type Json } from "../notation/json.ts";
import type { RowUpdate } from "../monitor/row-update.ts";
import { monitorRequests, type Selection } from "../monitor/selection.ts";
import { readUpdate } from "../monitor/update.ts";
import { readUpdate2 } from "../monitor/update2.ts";
import { zeroUuid } from "../notation/uuid.ts";

/** One monitor of this connection. */
interface Monitor {
  readonly selection: Selection;
  readonly tables: ReplicaTables;
  readonly dialect: Dialect;
}

/** One of the three ways to monitor, and the shape of its messages. */
interface Dialect {
  readonly method: string;
  /** The notification that it sends; its parameters are the monitor's id, then others, last the updates. */
  readonly notification: string;
  readonly extraParams: readonly Json[];
  readonly read: (json: Json | undefined, selection: Selection) => readonly RowUpdate[];
  /** The initial contents in the answer. */
  readonly initial: (result: Json) => Json | undefined;
}

/** Newest first: Open vSwitch 2.12, Open vSwitch 2.6, RFC 7047. */
const dialects: readonly Dialect[] = [
  {
    method: "monitor_cond_since",
    notification: "update3",
    extraParams: [zeroUuid],
    read: readUpdate2,
    initial: (result) => (isJsonArray(result) ? result[2] : undefined),
  },
  { method: "monitor_cond", notification: "update2", extraParams: [], read: readUpdate2, initial: (result) => result },
  { method: "monitor", notification: "update", extraParams: [], read: readUpdate, initial: (result) => result },
];

/** The monitors of one connection: starts and ends them, and brings each notification to its replica. */
export class Monitors {
  readonly #byId = new Map<string, Monitor>();
  #nextId = 1;
  #dialects = dialects;

  /** @returns the monitor's id. @throws as Session.request; OVSDB__MALFORMED_VALUE */
  async start(session: Session, database: string, selection: Selection, tables: ReplicaTables): Promise<string> {
    const id = `monitor-${this.#nextId++}`;
    for (const dialect of this.#dialects) {
      const params = [database, id, monitorRequests(selection), ...dialect.extraParams];
      const receive = (result: Json): void => {
        tables.apply(dialect.read(dialect.initial(result), selection));
        this.#byId.set(id, { selection, tables, dialect });
      };
      try {
        await session.request(dialect.method, params, receive);
        this.#dialects = [dialect];
        return id;
      } catch (error) {
        // A server says "unknown method" in many ways; whatever else it is, the last dialect's refusal tells it.
        if (dialect === this.#dialects.at(-1) || !isLoomstackError(error, "OVSDB__REQUEST_REFUSED")) throw error;
      }
    }
    throw new LoomstackError("CORE__UNREACHABLE", { what: "no dialect of monitor was tried" });
  }

  /** Never rejects: a monitor whose cancellation fails ends with the connection. */
  async end(session: Session, id: string): Promise<void> {
    if (!this.#byId.delete(id)) return;
    await session.request("monitor_cancel", [id], () => undefined).catch(() => undefined);
  }

  /**
   * Whether the notification was for one of the monitors.
   *
   * @throws OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE: then the replica can't be trusted any more
   */
  receive(method: string, params: readonly Json[]): boolean {
    const monitor = typeof params[0] === "string" ? this.#byId.get(params[0]) : undefined;
    if (monitor === undefined || method !== monitor.dialect.notification) return false;
    monitor.tables.apply(monitor.dialect.read(params.at(-1), monitor.selection));
    return true;
  }

  /** The connection has ended. */
  endAll(error: LoomstackError): void {
    for (const { tables } of this.#byId.values()) tables.end(error);
    this.#byId.clear();
  }
}
