import type { Socket } from "node:net";
import { type Clock, isUuid, type Logger, LoomstackError, peerSubject, type Uuid } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import { Session } from "../jsonrpc/session.ts";
import { defaultSessionLimits, type SessionLimits } from "../jsonrpc/session-limits.ts";
import type { AnyMonitorConditions } from "../monitor/conditions.ts";
import type { KnownTables, TableSelection } from "../monitor/selection.ts";
import { isJsonArray, type Json } from "../notation/json.ts";
import type { Operation } from "../notation/operation.ts";
import { formatSchema } from "../schema/format-schema.ts";
import { parseSchema } from "../schema/parse-schema.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import { AnyWatch } from "./any-watch.ts";
import type { MonitorOptions, OvsdbClient, ResultsOf, TransactOptions } from "./client.ts";
import { type Lock, Locks } from "./locks.ts";
import type { MonitorTarget } from "./monitor-target.ts";
import { Monitors } from "./monitors.ts";
import { Subscription } from "./subscription.ts";
import { readResults } from "./transaction.ts";
import { typedReplica } from "./typed-replica.ts";
import type { Watch, WatchOptions } from "./watch.ts";

export interface ConnectionOptions {
  readonly remote: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<SessionLimits>;
}

/** The client on a connected socket, whichever side has connected it. */
export class Connection implements OvsdbClient {
  readonly localAddress: string | undefined;
  readonly remote: string;
  readonly peerSubject: string | undefined;
  readonly #session: Session;
  readonly #logger: Logger;
  readonly #monitors: Monitors;
  readonly #locks: Locks;

  constructor(socket: Socket, { remote, clock, logger, limits }: ConnectionOptions) {
    this.remote = remote;
    this.localAddress = socket.localAddress;
    this.peerSubject = peerSubject(socket);
    this.#logger = logger;
    this.#monitors = new Monitors(remote);
    this.#locks = new Locks(remote);
    this.#session = new Session(socket, {
      remote,
      clock,
      logger,
      limits: { ...defaultSessionLimits, ...limits },
      onNotification: (method, params) => this.#monitors.receive(method, params) || this.#locks.receive(method, params),
    });
    void this.#session.closed.then((error = this.#closedError("monitoring")) => {
      this.#monitors.endAll(error);
      this.#locks.endAll(error);
    });
  }

  get closed(): Promise<LoomstackError | undefined> {
    return this.#session.closed;
  }

  /** False as soon as the connection has ended; `closed` tells a little later. */
  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  listDatabases(): Promise<readonly string[]> {
    return this.#session.request("list_dbs", [], readNames);
  }

  getSchema(database: string): Promise<DatabaseSchema> {
    return this.#session.request("get_schema", [database], parseSchema);
  }

  echo(params: readonly Json[] = []): Promise<readonly Json[]> {
    return this.#session.request("echo", params, readEcho);
  }

  getServerId(): Promise<Uuid> {
    return this.#session.request("get_server_id", [], readServerId);
  }

  setDatabaseChangeAware(isAware: boolean): Promise<void> {
    return this.#session.request("set_db_change_aware", [isAware], () => undefined);
  }

  convert(database: string, schema: DatabaseSchema, options: TransactOptions = {}): Promise<void> {
    const params = [database, formatSchema(schema)];
    return this.#session.request("convert", params, () => undefined, this.#cancellable(options));
  }

  async transact<const Operations extends readonly Operation[]>(
    database: string,
    operations: Operations,
    options: TransactOptions = {},
  ): Promise<ResultsOf<Operations>> {
    const params = [database, ...operations.map((operation) => operation.json)];
    const read = (json: Json): unknown => readResults(this.remote, operations, json);
    return (await this.#session.request("transact", params, read, this.#cancellable(options))) as ResultsOf<Operations>;
  }

  async monitor<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
    { where = {} }: MonitorOptions<S, Tables> = {},
  ): Promise<Replica<S, Tables>> {
    const subscription = new Subscription({
      schema,
      tables,
      where: where,
      isResumed: false,
    });
    const id = await this.subscribe(subscription);
    return typedReplica<S, Tables>(subscription, {
      changeConditions: (conditions) => this.changeConditions(id, conditions),
      end: async () => {
        subscription.end(this.#closedError("monitoring"));
        await this.unsubscribe(id);
      },
    });
  }

  async watch<S extends DatabaseSchema, const Tables extends TableSelection<S>>(
    schema: S,
    tables: Tables & KnownTables<S, Tables>,
    options: WatchOptions<S, Tables> = {},
  ): Promise<Watch<S, Tables>> {
    const watch = new AnyWatch(this.remote, schema, tables, options);
    const id = await this.subscribe(watch);
    watch.start(() => this.unsubscribe(id));
    // The selection that it was made of is the one of the types.
    return watch as unknown as Watch<S, Tables>;
  }

  lock(name: string): Promise<Lock> {
    return this.#locks.request(this.#session, "lock", name);
  }

  steal(name: string): Promise<Lock> {
    return this.#locks.request(this.#session, "steal", name);
  }

  /** Starts or resumes a monitor, and gives its id on this connection. @throws as `monitor` */
  async subscribe(target: MonitorTarget): Promise<string> {
    target.adoptSchema(await this.getSchema(target.schema.name));
    const { missing } = target;
    if (missing.length > 0) {
      this.#logger.info({ remote: this.remote, missing }, "the server's schema lacks some of what is monitored");
    }
    return await this.#monitors.start(this.#session, target);
  }

  /** @throws as Monitors.changeConditions */
  changeConditions(id: string, where: AnyMonitorConditions): Promise<void> {
    return this.#monitors.changeConditions(this.#session, id, where);
  }

  unsubscribe(id: string): Promise<void> {
    return this.#monitors.end(this.#session, id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#session[Symbol.asyncDispose]();
  }

  #cancellable(options: TransactOptions): TransactOptions & { readonly onAbandon: (id: number) => void } {
    return { ...options, onAbandon: (id) => this.#session.cancel(id) };
  }

  #closedError(what: string): LoomstackError {
    return new LoomstackError("OVSDB__CLOSED", { remote: this.remote, what });
  }
}

function readNames(json: Json): readonly string[] {
  if (isJsonArray(json) && json.every((name) => typeof name === "string")) return json;
  throw malformed("the list of databases", "a list of names was expected");
}

function readEcho(json: Json): readonly Json[] {
  if (isJsonArray(json)) return json;
  throw malformed("the answer to an echo", "an array was expected");
}

function readServerId(json: Json): Uuid {
  if (typeof json === "string" && isUuid(json)) return json;
  throw malformed("the id of the server", "a UUID was expected");
}

function malformed(label: string, reason: string): LoomstackError {
  return new LoomstackError("OVSDB__MALFORMED_VALUE", { label, reason });
}
