import {
  backoffDelayMs,
  type BackoffPolicy,
  type Clock,
  type Logger,
  LoomstackError,
  messageOf,
} from "@loomstack/core";
import { connectOvsdb, type OvsdbClient, openVswitch, type Operation, type Replica } from "@loomstack/ovsdb";
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
  /** As ovsdb-client(1) writes it: `tcp:192.0.2.7:6640`. */
  readonly remote: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly listener: OvsdbLinkListener;
}

type OpenVswitchReplica = Replica<typeof openVswitch, typeof monitored>;

const redial: BackoffPolicy = { firstMs: 200, limitMs: 5_000 };

/** The connection to a hypervisor's database: dialled again with back-off whenever it is lost, the tables observed anew each time. */
export class OvsdbLink implements Disposable {
  readonly #options: OvsdbLinkOptions;
  readonly #disposed = new AbortController();
  #client: OvsdbClient | undefined;
  #tables: HypervisorTables | undefined;
  #wake: (() => void) | undefined;

  constructor(options: OvsdbLinkOptions) {
    this.#options = options;
  }

  /** Starts dialling. */
  start(): void {
    void this.#run();
  }

  /**
   * What the hypervisor's database holds now; undefined while it can't be seen. It is the same object for as long as
   * one connection lasts, kept current; another one, and this one no more, after the next.
   */
  get tables(): HypervisorTables | undefined {
    return this.#tables;
  }

  /** Sends one transaction. When it resolves, `tables` has its effects. @throws OVSDB__…, CORE__ABORTED */
  async transact(operations: readonly Operation[]): Promise<void> {
    if (this.#client === undefined || this.#isDisposed())
      throw new LoomstackError("CORE__ABORTED", { what: "a transaction", reason: "the database is not connected" });
    await this.#client.transact(openVswitch.name, operations);
  }

  /** Dials now, if it waits to dial again. */
  redial(): void {
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.#disposed.abort();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const { random, listener } = this.#options;
    for (let failures = 1; !this.#isDisposed(); failures += 1) {
      const reason = await this.#connection(() => (failures = 0));
      if (this.#isDisposed()) return;
      listener.down(reason);
      await this.#pause(backoffDelayMs(redial, Math.max(1, failures), random));
    }
  }

  async #pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(delayMs, resolve);
      this.#wake = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** One connection, from dialling to its end. Gives the reason of the end. */
  async #connection(connected: () => void): Promise<string> {
    const { remote, clock, logger, listener } = this.#options;
    const { signal } = this.#disposed;
    try {
      await using client = await connectOvsdb({ remote, clock, logger, signal });
      const disposed = Promise.withResolvers<undefined>();
      const dispose = (): void => disposed.resolve(undefined);
      signal.addEventListener("abort", dispose, { once: true });
      if (this.#isDisposed()) dispose();
      const observing = client.monitor(openVswitch, monitored);
      // When we are disposed of first, closing the client below is what rejects it.
      observing.catch(() => undefined);
      const replica = await Promise.race([observing, disposed.promise]);
      if (replica === undefined) return "no longer wanted";
      this.#client = client;
      this.#tables = tablesOf(replica);
      using _changes = replica.changes.add(() => listener.changed());
      connected();
      listener.up(client.localAddress);
      const error = await Promise.race([client.closed, disposed.promise]);
      signal.removeEventListener("abort", dispose);
      this.#tables = undefined;
      return error?.message ?? "the connection was closed";
    } catch (error) {
      return messageOf(error);
    } finally {
      this.#client = undefined;
      this.#tables = undefined;
    }
  }

  #isDisposed(): boolean {
    return this.#disposed.signal.aborted;
  }
}

function tablesOf(replica: OpenVswitchReplica): HypervisorTables {
  return {
    openVswitch: replica.table("Open_vSwitch"),
    bridges: replica.table("Bridge"),
    ports: replica.table("Port"),
    interfaces: replica.table("Interface"),
    controllers: replica.table("Controller"),
  };
}
