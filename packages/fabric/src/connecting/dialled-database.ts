import {
  backoffDelayMs,
  type BackoffPolicy,
  type Clock,
  type Ipv4,
  type Logger,
  messageOf,
  type TlsIdentity,
} from "@loomstack/core";
import {
  type ConnectionEvent,
  openOvsdb,
  type OpenVswitch,
  openVswitch,
  type OvsdbClient,
  type ReconnectingOvsdb,
  type Replica,
} from "@loomstack/ovsdb";
import { tablesOf } from "@loomstack/ovsdb/open-vswitch";
import { monitored } from "../inventory/monitored.ts";
import { DatabaseSession } from "./database-session.ts";

export interface DialledDatabaseListener {
  /** Connected, and the tables are complete. */
  opened(session: DatabaseSession): void;
  /** Not connected, for this reason; another attempt follows. A session that was open has been ended before. */
  failed(reason: string): void;
}

export interface DialledDatabaseOptions {
  /** As ovsdb-client(1) writes it: `tcp:192.0.2.7:6640`, `ssl:192.0.2.7:6640`. */
  readonly remote: string;
  readonly address: Ipv4;
  /** For `ssl:`. */
  readonly tls: TlsIdentity | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly listener: DialledDatabaseListener;
}

/** At once when a connection ends, then after so long: a restart of ovsdb-server takes no more than a blink. */
const redial: BackoffPolicy = { firstMs: 50, limitMs: 5_000 };
/** Three of these without a word, and up to one more, and the database is given up: about 5 s. */
export const probeIntervalMs = 1_400;

/**
 * A hypervisor's database that we dial, again with back-off whenever the connection is lost. What is observed outlives
 * connections: after the next one it is what the database holds then, whatever that held before.
 */
export class DialledDatabase implements Disposable {
  readonly #options: DialledDatabaseOptions;
  #ovsdb: ReconnectingOvsdb | undefined;
  #session: DatabaseSession | undefined;
  #retryAtMs = -Infinity;
  #retry: Disposable | undefined;
  #refusals = 0;

  constructor(options: DialledDatabaseOptions) {
    this.#options = options;
  }

  /** Starts dialling. */
  start(): void {
    this.#close("it is dialled anew");
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

  /** Dials now, if it waits to dial again. */
  redial(): void {
    if (this.#options.clock.now() < this.#retryAtMs) this.start();
  }

  [Symbol.dispose](): void {
    this.#close("it is no longer dialled");
  }

  /** Replicates the database for as long as `ovsdb` is the one that counts. */
  async #observe(ovsdb: ReconnectingOvsdb): Promise<void> {
    let replica: Replica<OpenVswitch, typeof monitored> | undefined;
    ovsdb.connections.add((event) => {
      if (this.#ovsdb !== ovsdb) return;
      if (event.kind === "disconnected") this.#down(ovsdb, event);
      else if (replica !== undefined) this.#up(replica, event.client);
    });
    try {
      replica = await ovsdb.monitor(openVswitch, monitored);
      if (this.#ovsdb !== ovsdb) return;
      replica.changes.add(() => {
        if (this.#session?.isOpen === true) this.#session.changes.tell(undefined);
      });
      if (ovsdb.client !== undefined) this.#up(replica, ovsdb.client);
    } catch (error) {
      if (this.#ovsdb === ovsdb) this.#refused(messageOf(error));
    }
  }

  #up(replica: Replica<OpenVswitch, typeof monitored>, client: OvsdbClient): void {
    const { address, clock, listener } = this.#options;
    this.#refusals = 0;
    this.#session = new DatabaseSession({ client, tables: tablesOf(replica), direction: "dialled", address, clock });
    listener.opened(this.#session);
  }

  #down(ovsdb: ReconnectingOvsdb, { reason, retryInMs }: Extract<ConnectionEvent, { kind: "disconnected" }>): void {
    this.#retryAtMs = this.#options.clock.now() + retryInMs;
    // There is one server, and it is right, also when its machine was set up anew, or its database restored.
    ovsdb.forgetClusters();
    this.#end(reason.message);
    this.#options.listener.failed(reason.message);
  }

  /** The server lives, and doesn't let us see its database. */
  #refused(reason: string): void {
    const { clock, random, listener } = this.#options;
    this.#close(reason);
    this.#refusals += 1;
    const retryInMs = backoffDelayMs(redial, this.#refusals, random);
    this.#retryAtMs = clock.now() + retryInMs;
    this.#retry = clock.after(retryInMs, () => this.start());
    listener.failed(reason);
  }

  #close(reason: string): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
    this.#retryAtMs = -Infinity;
    const ovsdb = this.#ovsdb;
    this.#ovsdb = undefined;
    void ovsdb?.[Symbol.asyncDispose]();
    this.#end(reason);
  }

  #end(reason: string): void {
    const session = this.#session;
    this.#session = undefined;
    session?.end(reason);
  }
}
