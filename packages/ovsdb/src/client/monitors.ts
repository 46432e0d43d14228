import { isLoomstackError, LoomstackError } from "@loomstack/core";
import type { Session } from "../jsonrpc/session.ts";
import type { AnyMonitorConditions } from "../monitor/conditions.ts";
import { monitorRequests } from "../monitor/selection.ts";
import type { Json } from "../notation/json.ts";
import { type Dialect, dialects } from "./dialects.ts";
import type { Subscription } from "./subscription.ts";

/** One monitor of this connection. */
interface Monitor {
  readonly subscription: Subscription;
  readonly dialect: Dialect;
}

/** The monitors of one connection: starts and ends them, and brings each notification to its replica. */
export class Monitors {
  readonly #remote: string;
  readonly #byId = new Map<string, Monitor>();
  #nextId = 1;
  #dialects = dialects;

  constructor(remote: string) {
    this.#remote = remote;
  }

  /**
   * Brings the rows of a subscription up to date, and keeps them so. Where the server still knows the last transaction
   * that they contain, only what has changed since is sent.
   *
   * @returns the monitor's id
   * @throws as Session.request; OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE, OVSDB__CONDITIONS_UNSUPPORTED
   */
  async start(session: Session, subscription: Subscription): Promise<string> {
    const id = `monitor-${this.#nextId++}`;
    const usable = this.#dialects.filter(({ hasConditions }) => hasConditions || subscription.where.size === 0);
    for (const dialect of usable) {
      try {
        await this.#request(session, id, dialect, subscription);
        this.#dialects = [dialect];
        return id;
      } catch (error) {
        // A server says "unknown method" in many ways; whatever else it is, the last dialect's refusal tells it.
        if (dialect === usable.at(-1) || !isLoomstackError(error, "OVSDB__REQUEST_REFUSED")) throw error;
      }
    }
    throw new LoomstackError("OVSDB__CONDITIONS_UNSUPPORTED", { remote: this.#remote });
  }

  /**
   * Changes the conditions of tables. When it resolves, the rows are those that satisfy them.
   *
   * @throws as Session.request; OVSDB__CONDITIONS_UNSUPPORTED, OVSDB__UNKNOWN_TABLE, OVSDB__UNKNOWN_COLUMN,
   * OVSDB__INVALID_VALUE; OVSDB__CLOSED when there is no such monitor any more
   */
  async changeConditions(session: Session, id: string, where: AnyMonitorConditions): Promise<void> {
    const remote = this.#remote;
    const monitor = this.#byId.get(id);
    if (monitor === undefined) throw new LoomstackError("OVSDB__CLOSED", { remote, what: "changing conditions" });
    const { dialect, subscription } = monitor;
    if (!dialect.hasConditions) throw new LoomstackError("OVSDB__CONDITIONS_UNSUPPORTED", { remote });
    const encoded = subscription.encodeWhere(where);
    const onServer = [...encoded].filter(([table]) => subscription.selection.get(table)?.isOnServer === true);
    const requests = Object.fromEntries(onServer.map(([table, alternatives]) => [table, [{ where: alternatives }]]));
    try {
      await session.request("monitor_cond_change", [id, id, requests], () => subscription.adoptWhere(encoded));
    } catch (error) {
      // Whether the server has taken them isn't known, unless it has said that it hasn't.
      if (!isLoomstackError(error, "OVSDB__REQUEST_REFUSED")) subscription.isUncertain = true;
      throw error;
    }
  }

  /** Never rejects: a monitor whose cancellation fails ends with the connection. */
  async end(session: Session, id: string): Promise<void> {
    if (!this.#byId.delete(id)) return;
    await session.request("monitor_cancel", [id], () => undefined).catch(() => undefined);
  }

  /**
   * Whether the notification was for one of the monitors.
   *
   * @throws OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE: then the replica can't be trusted any more;
   * OVSDB__MONITOR_CANCELED when the replica needs another connection to go on
   */
  receive(method: string, params: readonly Json[]): boolean {
    const id = params[0];
    const monitor = typeof id === "string" ? this.#byId.get(id) : undefined;
    if (typeof id !== "string" || monitor === undefined) return false;
    const { dialect, subscription } = monitor;
    if (method === "monitor_canceled") {
      this.#cancelled(id, subscription);
      return true;
    }
    if (method !== dialect.notification) return false;
    subscription.advance(() => {
      subscription.rows.apply(dialect.read(params.at(-1), subscription.selection));
      return dialect.transactionId(params);
    });
    return true;
  }

  /** The connection has ended. */
  endAll(error: LoomstackError): void {
    for (const { subscription } of this.#byId.values()) if (!subscription.isResumed) subscription.end(error);
    this.#byId.clear();
  }

  async #request(session: Session, id: string, dialect: Dialect, subscription: Subscription): Promise<void> {
    const { schema, selection, where, since, rows } = subscription;
    const receive = (result: Json): void => {
      subscription.advance(() => {
        const { isDifference, transactionId, updates } = dialect.initial(result);
        const rowUpdates = dialect.read(updates, selection);
        if (isDifference) rows.apply(rowUpdates);
        else rows.replace(rowUpdates);
        subscription.isUncertain = false;
        return transactionId;
      });
      this.#byId.set(id, { subscription, dialect });
    };
    const params = [schema.name, id, monitorRequests(selection, where), ...dialect.extraParams(since)];
    await session.request(dialect.method, params, receive);
  }

  #cancelled(id: string, subscription: Subscription): void {
    this.#byId.delete(id);
    const database = subscription.schema.name;
    const error = new LoomstackError("OVSDB__MONITOR_CANCELED", { remote: this.#remote, database });
    // The next connection finds out what has become of the database.
    if (subscription.isResumed) throw error;
    subscription.end(error);
  }
}
