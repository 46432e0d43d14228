import { type Clock, type Ipv4, Listeners, LoomstackError, type Uuid } from "@loomstack/core";
import { isRefusal, openVswitch, type Operation, type OvsdbClient } from "@loomstack/ovsdb";
import type { HypervisorTables } from "../inventory/monitored.ts";

/** How long a database may take to show that it is still there, when another connection says that it is the same. */
const answerMs = 2_000;

export type Direction = "dialled" | "dialled in";

export interface DatabaseSessionOptions {
  readonly client: OvsdbClient;
  readonly tables: HypervisorTables;
  readonly direction: Direction;
  /** The other end's: where tunnels end, unless the database says otherwise. */
  readonly address: Ipv4;
  readonly clock: Clock;
}

/** What a database has answered to a question that all can answer. */
interface SignOfLife {
  /** The same for as long as that ovsdb-server runs; undefined for one that doesn't know it (Open vSwitch 2.8). */
  readonly serverId: Uuid | undefined;
}

/** One connection to a hypervisor's database, whichever side has made it; the tables are complete and kept current. */
export class DatabaseSession {
  readonly tables: HypervisorTables;
  readonly direction: Direction;
  readonly address: Ipv4;
  /** The tables have changed. */
  readonly changes = new Listeners<undefined>();
  /** The connection is over, for this reason; told once. */
  readonly ended = new Listeners<string>();
  readonly #client: OvsdbClient;
  readonly #clock: Clock;
  #isOpen = true;

  constructor({ client, tables, direction, address, clock }: DatabaseSessionOptions) {
    this.#client = client;
    this.tables = tables;
    this.direction = direction;
    this.address = address;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Our end's address, as the hypervisor can reach it. */
  get localAddress(): string | undefined {
    return this.#client.localAddress;
  }

  /** The subject of the hypervisor's certificate, where TLS is spoken. */
  get certificate(): string | undefined {
    return this.#client.peerSubject;
  }

  /** The other end: `tcp:192.0.2.7:6640`; of one that has dialled in with the port that it dials from. */
  get remote(): string {
    return this.#client.remote;
  }

  /** "dialled tcp:192.0.2.7:6640", "dialled in from ssl:192.0.2.7:41234" */
  get words(): string {
    return `${this.direction}${this.direction === "dialled in" ? " from" : ""} ${this.#client.remote}`;
  }

  /** Sends one transaction. When it resolves, `tables` has its effects. @throws OVSDB__…, CORE__ABORTED */
  async transact(operations: readonly Operation[]): Promise<void> {
    if (!this.#isOpen) throw notConnected();
    await this.#client.transact(openVswitch.name, operations);
  }

  /** Asks whether it is still there; undefined when it doesn't answer in time. */
  async answer(): Promise<SignOfLife | undefined> {
    const { promise, resolve } = Promise.withResolvers<SignOfLife | undefined>();
    using _timer = this.#clock.after(answerMs, () => resolve(undefined));
    this.#client.getServerId().then(
      (serverId) => resolve({ serverId }),
      // One that refuses the question has answered, too; one whose connection was lost meanwhile hasn't.
      (error: unknown) => resolve(this.#isOpen && isRefusal(error) ? { serverId: undefined } : undefined),
    );
    return await promise;
  }

  /** For whoever keeps the connection: it is over. */
  end(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.ended.tell(reason);
  }

  /** Ends the connection. One that was dialled is dialled again. */
  close(reason: string): void {
    this.end(reason);
    void this.#client[Symbol.asyncDispose]();
  }
}

/** What a transaction is refused with while there is no connection. */
export function notConnected(): LoomstackError {
  return new LoomstackError("CORE__ABORTED", { what: "a transaction", reason: "the database is not connected" });
}
