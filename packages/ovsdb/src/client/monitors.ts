import { isLoomstackError, LoomstackError } from "@loomstack/core";
import { isRefusal } from "../jsonrpc/refusal.ts";
import type { Session } from "../jsonrpc/session.ts";
import type { AnyMonitorConditions } from "../monitor/conditions.ts";
import type { Json } from "../notation/json.ts";
import { type Dialect, dialects } from "./dialects.ts";
import type { MonitorTarget } from "./monitor-target.ts";

/** One monitor of this connection. */
interface Monitor {
  readonly target: MonitorTarget;
  readonly dialect: Dialect;
}

/** The monitors of one connection: starts and ends them, and brings each notification to its target. */
export class Monitors {
  readonly #remote: string;
  readonly #byId = new Map<string, Monitor>();
  #nextId = 1;
  #dialects = dialects;

  constructor(remote: string) {
    this.#remote = remote;
  }

  /**
   * Brings a target up to date, and keeps it so. Where the server still knows the last transaction that it has, only
   * what has changed since is sent.
   *
   * @returns the monitor's id
   * @throws as Session.request; OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE, OVSDB__CONDITIONS_UNSUPPORTED
   */
  async start(session: Session, target: MonitorTarget): Promise<string> {
    const id = `monitor-${this.#nextId++}`;
    const usable = this.#dialects.filter((dialect) => target.canUse(dialect));
    for (const [index, dialect] of usable.entries()) {
      try {
        await this.#request(session, id, dialect, target);
        this.#dialects = this.#dialects.filter((known) => !usable.slice(0, index).includes(known));
        return id;
      } catch (error) {
        // A server says "unknown method" in many ways; whatever else it is, the last dialect's refusal tells it.
        if (!isUnknown(error)) throw error;
        if (dialect !== usable.at(-1)) continue;
        if (!dialect.hasConditions || !isLoomstackError(error, "OVSDB__UNKNOWN_METHOD")) throw error;
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
    const { dialect, target } = monitor;
    if (!dialect.hasConditions) throw new LoomstackError("OVSDB__CONDITIONS_UNSUPPORTED", { remote });
    const encoded = target.encodeWhere(where);
    const onServer = [...encoded].filter(([table]) => target.selection.get(table)?.isOnServer === true);
    const requests = Object.fromEntries(onServer.map(([table, alternatives]) => [table, [{ where: alternatives }]]));
    try {
      await session.request("monitor_cond_change", [id, id, requests], () => target.adoptWhere(encoded));
    } catch (error) {
      // Whether the server has taken them isn't known, unless it has said that it hasn't.
      if (!isRefusal(error)) target.doubtConditions();
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
    const { dialect, target } = monitor;
    if (method === "monitor_canceled") {
      this.#canceled(id, target);
      return true;
    }
    if (method !== dialect.notification) return false;
    target.receive(dialect, params);
    return true;
  }

  /** The connection has ended. */
  endAll(error: LoomstackError): void {
    for (const { target } of this.#byId.values()) if (!target.isResumed) target.end(error);
    this.#byId.clear();
  }

  async #request(session: Session, id: string, dialect: Dialect, target: MonitorTarget): Promise<void> {
    const receive = (answer: Json): void => {
      target.begin(dialect, answer);
      this.#byId.set(id, { target, dialect });
    };
    const params = [target.schema.name, id, target.requests, ...dialect.extraParams(target.since)];
    await session.request(dialect.method, params, receive);
  }

  #canceled(id: string, target: MonitorTarget): void {
    this.#byId.delete(id);
    const database = target.schema.name;
    const error = new LoomstackError("OVSDB__MONITOR_CANCELED", { remote: this.#remote, database });
    // The next connection finds out what has become of the database.
    if (target.isResumed) throw error;
    target.end(error);
  }
}

/** Whether a server that doesn't know a method may have said so. */
function isUnknown(error: unknown): boolean {
  return isLoomstackError(error, "OVSDB__UNKNOWN_METHOD") || isLoomstackError(error, "OVSDB__REQUEST_REFUSED");
}
