import type { Clock, Logger, TlsIdentity } from "@loomstack/core";
import { type NodeAddress, nodeName } from "@loomstack/model";
import type { DatabaseSession } from "./database-session.ts";
import { DialledDatabase } from "./dialled-database.ts";

/** Where a connection belongs: the key of the hypervisor that has taken it, or why none has. */
export type Admission = { readonly hypervisor: string } | { readonly refusal: string };

export interface DiallingOptions {
  readonly node: NodeAddress;
  /** Whom we expect there; undefined when a client has just asked, and whoever answers is meant. */
  readonly expected: string | undefined;
  readonly tls: TlsIdentity | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly admit: (session: DatabaseSession, dialling: Dialling) => Promise<Admission>;
  /** The connection that has led to the hypervisor with this key is over. */
  readonly left: (hypervisor: string) => void;
  /** Something of its outcome has changed. */
  readonly changed: (dialling: Dialling) => void;
}

/** A hypervisor that we dial, at the address that a client has given, and what has come of it. */
export class Dialling implements Disposable {
  readonly node: NodeAddress;
  readonly name: string;
  /** Whom we expect there. */
  expected: string | undefined;
  readonly #options: DiallingOptions;
  readonly #database: DialledDatabase;
  #session: DatabaseSession | undefined;
  #hypervisor: string | undefined;
  #refusal: string | undefined;
  #failure: string | undefined;
  #isAdmitting = false;
  #isOver = false;

  constructor(options: DiallingOptions) {
    const { node, tls, clock, random } = options;
    this.node = node;
    this.name = nodeName(node);
    this.expected = options.expected;
    this.#options = options;
    const logger = options.logger.child({ hypervisor: options.expected ?? this.name });
    const remote = `${tls === undefined ? "tcp" : "ssl"}:${node.address}:${node.port}`;
    const listener = {
      opened: (session: DatabaseSession): void => this.#opened(session),
      failed: (reason: string): void => this.#failed(reason),
    };
    this.#database = new DialledDatabase({ remote, address: node.address, tls, clock, random, logger, listener });
    this.#database.start();
  }

  /** The key of the hypervisor that it has led to, for as long as it is connected. */
  get hypervisor(): string | undefined {
    return this.#hypervisor;
  }

  /** Why whoever answered isn't taken. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Why the last attempt to connect has failed. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Dials now, where an attempt has failed and the next one still waits. */
  redial(): void {
    this.#failure = undefined;
    this.#database.redial();
  }

  /** Asks again whether whoever was refused is taken. */
  retry(): void {
    const session = this.#session;
    if (session === undefined || this.#refusal === undefined) return;
    void this.#admit(session);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#database[Symbol.dispose]();
    this.#options.changed(this);
  }

  #opened(session: DatabaseSession): void {
    this.#session = session;
    this.#failure = undefined;
    session.changes.add(() => this.retry());
    session.ended.add(() => this.#ended(session));
    void this.#admit(session);
  }

  #ended(session: DatabaseSession): void {
    if (this.#session !== session) return;
    const hypervisor = this.#hypervisor;
    this.#session = undefined;
    this.#hypervisor = undefined;
    this.#refusal = undefined;
    if (hypervisor !== undefined) this.#options.left(hypervisor);
  }

  #failed(reason: string): void {
    this.#failure = reason;
    this.#options.changed(this);
  }

  async #admit(session: DatabaseSession): Promise<void> {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    const admission = await this.#options.admit(session, this).finally(() => (this.#isAdmitting = false));
    if (this.#isOver || this.#session === undefined) return;
    if (this.#session !== session) return this.#admit(this.#session);
    this.#hypervisor = "hypervisor" in admission ? admission.hypervisor : undefined;
    this.#refusal = "refusal" in admission ? admission.refusal : undefined;
    this.#options.changed(this);
  }
}
