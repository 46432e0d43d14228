import {
  backoffDelayMs,
  type BackoffPolicy,
  type Clock,
  type Logger,
  LoomstackError,
  messageOf,
  type TlsIdentity,
} from "@loomstack/core";
import {
  type ConnectionEvent,
  openOvsdb,
  type OpenVswitch,
  openVswitch,
  type Operation,
  type OvsdbClient,
  type ReconnectingOvsdb,
  type Replica,
} from "@loomstack/ovsdb";
import { tablesOf } from "@loomstack/ovsdb/open-vswitch";
import { type HypervisorTables, monitored } from "./monitored.ts";

export interface OvsdbLinkListener {
  /** Connected, and the tables are complete. `localAddress` is our end of the connection. */
  up(localAddress: string | undefined): void;
  /** The tables changed. */
  changed(): void;
  /** Not connected, for this reason; another attempt follows. */
  down(reason: string): void;
}

export interface OvsdbLinkOptions {
  /** As ovsdb-client(1) writes it: `tcp:192.0.2.7:6640`, `ssl:192.0.2.7:6640`. */
  readonly remote: string;
  /** For `ssl:`. */
  readonly tls: TlsIdentity | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly listener: OvsdbLinkListener;
}

/** At once when a connection ends, then after so long: a restart of ovsdb-server takes no more than a blink. */
const redial: BackoffPolicy = { firstMs: 50, limitMs: 5_000 };
/** Three of these without a word, and up to one more, and the database is given up: about 5 s. */
const probeIntervalMs = 1_400;

/**
 * The connection to a hypervisor's database, dialled again with back-off whenever it is lost. What is observed outlives
 * connections: after the next one it is what the database holds then, whatever that held before.
 */
export class OvsdbLink implements Disposable {
  readonly #options: OvsdbLinkOptions;
  #ovsdb: ReconnectingOvsdb | undefined;
  #tables: HypervisorTables | undefined;
  #retryAtMs = -Infinity;
  #retry: Disposable | undefined;
  #refusals = 0;

  constructor(options: OvsdbLinkOptions) {
    this.#options = options;
  }

  /** Starts dialling. */
  start(): void {
    this.#close();
    const { remote, tls, clock, random, logger } = this.#options;
    const ovsdb = openOvsdb({
      remotes: [remote],
      ...(tls && { tls }),
      databases: [openVswitch.name],
      leaderOnly: false,
      backoff: redial,
      limits: { probeIntervalMs },
      clock,
      random,
      logger,
    });
    this.#ovsdb = ovsdb;
    void this.#observe(ovsdb);
  }

  /**
   * What the hypervisor's database holds now; undefined while it can't be seen. It is the same object for as long as
   * one connection lasts, kept current; another one after the next.
   */
  get tables(): HypervisorTables | undefined {
    return this.#ovsdb?.client === undefined ? undefined : this.#tables;
  }

  /** Sends one transaction. When it resolves, `tables` has its effects. @throws OVSDB__…, CORE__ABORTED */
  async transact(operations: readonly Operation[]): Promise<void> {
    const client = this.#ovsdb?.client;
    if (client === undefined)
      throw new LoomstackError("CORE__ABORTED", { what: "a transaction", reason: "the database is not connected" });
    await client.transact(openVswitch.name, operations);
  }

  /** Dials now, if it waits to dial again. */
  redial(): void {
    if (this.#options.clock.now() < this.#retryAtMs) this.start();
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  /** Replicates the database for as long as `ovsdb` is the one that counts. */
  async #observe(ovsdb: ReconnectingOvsdb): Promise<void> {
    let replica: Replica<OpenVswitch, typeof monitored> | undefined;
    ovsdb.connections.add((event) => {
      if (event.kind === "disconnected") this.#down(ovsdb, event);
      else if (replica !== undefined) this.#up(replica, event.client);
    });
    try {
      replica = await ovsdb.monitor(openVswitch, monitored);
      if (this.#ovsdb !== ovsdb) return;
      replica.changes.add(() => {
        if (this.tables !== undefined) this.#options.listener.changed();
      });
      if (ovsdb.client !== undefined) this.#up(replica, ovsdb.client);
    } catch (error) {
      if (this.#ovsdb === ovsdb) this.#refused(messageOf(error));
    }
  }

  #up(replica: Replica<OpenVswitch, typeof monitored>, { localAddress }: OvsdbClient): void {
    this.#refusals = 0;
    this.#tables = tablesOf(replica);
    this.#options.listener.up(localAddress);
  }

  #down(ovsdb: ReconnectingOvsdb, { reason, retryInMs }: Extract<ConnectionEvent, { kind: "disconnected" }>): void {
    this.#tables = undefined;
    this.#retryAtMs = this.#options.clock.now() + retryInMs;
    // There is one server, and it is right, also when its machine was set up anew, or its database restored.
    ovsdb.forgetClusters();
    this.#options.listener.down(reason.message);
  }

  /** The server lives, and doesn't let us see its database. */
  #refused(reason: string): void {
    const { clock, random, listener } = this.#options;
    this.#close();
    this.#refusals += 1;
    const retryInMs = backoffDelayMs(redial, this.#refusals, random);
    this.#retryAtMs = clock.now() + retryInMs;
    this.#retry = clock.after(retryInMs, () => this.start());
    listener.down(reason);
  }

  #close(): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
    this.#retryAtMs = -Infinity;
    this.#tables = undefined;
    void this.#ovsdb?.[Symbol.asyncDispose]();
    this.#ovsdb = undefined;
  }
}
