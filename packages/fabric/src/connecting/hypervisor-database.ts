import type { Operation } from "@loomstack/ovsdb";
import type { HypervisorTables } from "../inventory/monitored.ts";
import { type DatabaseSession, notConnected } from "./database-session.ts";

export interface HypervisorDatabaseListener {
  /** This connection counts from now on. */
  up(session: DatabaseSession): void;
  /** The tables have changed. */
  changed(): void;
  /** There is no connection any more. */
  down(reason: string): void;
}

/**
 * What became of a connection: it counts, or will when the one that counts ends ("taken"); or the hypervisor that is
 * connected already answers, and this is another one ("rival"); or another one is being looked at ("busy").
 */
export type Offered = "taken" | "rival" | "busy";

/** Connections to one and the same ovsdb-server that may wait: a hypervisor may have several addresses for us. */
const mostSpares = 3;

/**
 * The database of one hypervisor, over whichever of its connections. One counts, the first one, for as long as the
 * server at its other end answers. Others of the same running ovsdb-server wait until it ends; one of another server,
 * which a clone of the hypervisor has, is turned away.
 */
export class HypervisorDatabase implements Disposable {
  readonly #listener: HypervisorDatabaseListener;
  readonly #spares = new Set<DatabaseSession>();
  #current: DatabaseSession | undefined;
  #challenger: DatabaseSession | undefined;
  #isOver = false;

  constructor(listener: HypervisorDatabaseListener) {
    this.#listener = listener;
  }

  /** The connection that counts. */
  get session(): DatabaseSession | undefined {
    return this.#current;
  }

  /** What the database holds now, the same object for as long as one connection counts. */
  get tables(): HypervisorTables | undefined {
    return this.#current?.tables;
  }

  /** @throws OVSDB__…, CORE__ABORTED */
  async transact(operations: readonly Operation[]): Promise<void> {
    if (this.#current === undefined) throw notConnected();
    await this.#current.transact(operations);
  }

  /** Takes a connection of this hypervisor. One that isn't taken is the caller's to close. */
  async offer(session: DatabaseSession): Promise<Offered> {
    if (!this.#mayTake(session)) return "busy";
    const incumbent = this.#current;
    if (incumbent === undefined) return this.#take(session);
    if (incumbent === session || this.#spares.has(session)) return "taken";
    // It shows that it is another one, whether the one that counts answers or not.
    if (session.certificate !== incumbent.certificate) return "rival";
    if (this.#challenger !== undefined) return "busy";
    this.#challenger = session;
    const [known, fresh] = await Promise.all([incumbent.answer(), session.answer()]);
    this.#challenger = undefined;
    if (!this.#mayTake(session)) return "busy";
    if (this.session === undefined) return this.#take(session);
    if (this.session !== incumbent) return "busy";
    if (known === undefined) return this.#replace(incumbent, session);
    if (known.serverId === undefined || known.serverId !== fresh?.serverId) return "rival";
    return this.#keepSpare(session);
  }

  /** Ends the connections of whoever shows a certificate of another subject. */
  requireCertificate(subject: string): void {
    for (const session of [...this.#spares, this.#current]) {
      const shown = session?.certificate;
      if (shown !== undefined && shown !== subject) session?.close(otherCertificate(shown, subject));
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    const sessions = [this.#current, ...this.#spares];
    this.#current = undefined;
    this.#spares.clear();
    for (const session of sessions) session?.close("the hypervisor is no longer managed");
  }

  #mayTake(session: DatabaseSession): boolean {
    return !this.#isOver && session.isOpen;
  }

  #take(session: DatabaseSession): Offered {
    this.#current = session;
    session.changes.add(() => {
      if (this.#current === session) this.#listener.changed();
    });
    session.ended.add((reason) => {
      if (this.#current === session) this.#lost(reason);
    });
    this.#listener.up(session);
    return "taken";
  }

  #replace(incumbent: DatabaseSession, session: DatabaseSession): Offered {
    const taken = this.#take(session);
    incumbent.close("it didn't answer, and the hypervisor connected anew");
    return taken;
  }

  #keepSpare(session: DatabaseSession): Offered {
    if (this.#spares.size >= mostSpares) return "busy";
    this.#spares.add(session);
    session.ended.add(() => this.#spares.delete(session));
    return "taken";
  }

  #lost(reason: string): void {
    this.#current = undefined;
    const [spare] = this.#spares;
    if (spare === undefined) return this.#listener.down(reason);
    this.#spares.delete(spare);
    this.#take(spare);
  }
}

/** Why whoever has shown one certificate is sent away when an administrator names another. */
export function otherCertificate(shown: string, subject: string): string {
  return `its certificate is that of "${shown}", and from now on it has to be that of "${subject}"`;
}
