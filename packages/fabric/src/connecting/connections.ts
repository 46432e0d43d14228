import { isLoomstackError, type Logger, LoomstackError, messageOf } from "@loomstack/core";
import { type Node, type NodeAddress, nodeName } from "@loomstack/model";
import type { OvsdbClient } from "@loomstack/ovsdb";
import type { TellEvent } from "../event-throttle.ts";
import type { Hypervisor } from "../hypervisor.ts";
import type { HypervisorNode } from "../hypervisor-options.ts";
import type { HypervisorRegistryOptions } from "../hypervisors.ts";
import { systemIdOf } from "../inventory/observed-bridges.ts";
import type { DatabaseSession } from "./database-session.ts";
import { receiveDialledIn } from "./dialled-in.ts";
import { type Admission, Dialling } from "./dialling.ts";
import { acceptCommand, isSystemId, lackOfIdentity, type Shown, wrongCertificate } from "./identity.ts";
import { hostOf, KeptWaiting } from "./kept-waiting.ts";
import { forgetNode, keepNode, namesake } from "./kept-nodes.ts";
import { Strangers } from "./strangers.ts";

/** The hypervisors that are managed, by identity. */
export interface ManagedHypervisors {
  get(key: string): Hypervisor | undefined;
  make(key: string, node: HypervisorNode): Hypervisor;
  drop(key: string): void;
  /** Something about a hypervisor, or about the one that a name leads to, may have changed. */
  changed(keyOrName: string): void;
  readonly event: TellEvent;
}

/**
 * How hypervisors are reached. Those that have an address are dialled, others dial in. Whoever answers is known by its
 * identity, the system-id, and its connection is handed to the hypervisor of that identity; what has none that is meant
 * is refused, and told.
 */
export class Connections implements Disposable {
  readonly #options: HypervisorRegistryOptions;
  readonly #logger: Logger;
  readonly #hypervisors: ManagedHypervisors;
  readonly #strangers: Strangers;
  readonly #waiting: KeptWaiting;
  /** Those that intent knows, by identity. */
  readonly #diallings = new Map<string, Dialling>();
  /** What calls to connect are trying, by name. */
  readonly #candidates = new Map<string, Dialling>();

  constructor(options: HypervisorRegistryOptions, hypervisors: ManagedHypervisors) {
    const { clock, logger } = options;
    this.#options = options;
    this.#logger = logger;
    this.#hypervisors = hypervisors;
    this.#strangers = new Strangers({ clock, event: hypervisors.event });
    this.#waiting = new KeptWaiting(clock);
  }

  /** Starts with the hypervisors that intent knows. */
  start(): void {
    for (const node of this.#options.follower.intent.nodes.values()) {
      this.#hypervisors.make(node.systemId, node);
      const { address, port } = node;
      if (address !== null && port !== null)
        this.#diallings.set(node.systemId, this.#dial({ ...node, address, port }, node.systemId));
    }
  }

  /** What is tried at an address: what goes on already, or something new where that has led to nothing. */
  attempt(node: NodeAddress): Dialling {
    const name = nodeName(node);
    const kept = this.#diallings.get(namesake(this.#options.follower.intent, name)?.systemId ?? "");
    const known = [this.#candidates.get(name), kept].find((one) => isSameAddress(one, node) && !one?.refusal);
    if (known !== undefined) {
      if (this.hypervisorOf(known)?.view.isLive !== true) known.redial();
      return known;
    }
    const before = this.#candidates.get(name);
    if (before !== undefined) this.giveUp(before);
    const fresh = this.#dial(node, undefined);
    this.#candidates.set(name, fresh);
    return fresh;
  }

  /** The hypervisor that it has led to, or should. */
  hypervisorOf(dialling: Dialling): Hypervisor | undefined {
    return this.#hypervisors.get(dialling.hypervisor ?? dialling.expected ?? "");
  }

  /** Those that haven't led to a hypervisor yet. */
  get candidates(): readonly Dialling[] {
    return [...this.#candidates.values()].filter((candidate) => this.hypervisorOf(candidate) === undefined);
  }

  /** Makes what was tried part of intent: from now on that hypervisor is dialled there. @throws FABRIC__HYPERVISOR_IN_USE */
  async keep(dialling: Dialling, hypervisor: Hypervisor): Promise<void> {
    const { store, follower } = this.#options;
    const { key } = hypervisor;
    const wanted = this.#nodeOf(dialling, hypervisor);
    if (!isSameNode(follower.intent.nodes.get(key), wanted)) {
      const { result: forgotten } = await store.transact(async (tx) => {
        if (hypervisor.isDisposed || dialling.isOver)
          throw new LoomstackError("CORE__ABORTED", { what: `connecting ${dialling.name}`, reason: "it was given up" });
        return keepNode(
          tx,
          follower.intent,
          wanted,
          (systemId) => this.#hypervisors.get(systemId)?.view.isLive === true,
        );
      });
      if (forgotten !== undefined) this.#drop(forgotten);
    }
    if (this.#candidates.get(dialling.name) === dialling) this.#candidates.delete(dialling.name);
    const before = this.#diallings.get(key);
    this.#diallings.set(key, dialling);
    dialling.expected = key;
    if (before !== dialling) before?.[Symbol.dispose]();
    this.#waiting.lookAgain(key);
    hypervisor.trigger();
  }

  /** What was tried has led to nothing; a hypervisor that clients asked for before stays as it was. */
  giveUp(dialling: Dialling): void {
    if (this.#candidates.get(dialling.name) !== dialling) return;
    this.#candidates.delete(dialling.name);
    dialling[Symbol.dispose]();
  }

  /** Has a hypervisor accepted that dials in. @throws FABRIC__INVALID_SYSTEM_ID, MODEL__IN_USE */
  async accept(systemId: string, certificate: string | undefined): Promise<Hypervisor> {
    if (!isSystemId(systemId)) throw new LoomstackError("FABRIC__INVALID_SYSTEM_ID", { systemId });
    const { store, follower } = this.#options;
    await store.transact(async (tx) => {
      const known = follower.intent.nodes.get(systemId);
      const node = known ?? { systemId, type: "OVS", id: systemId, address: null, port: null, certificate: null };
      const { type, id, address, port } = node;
      const wanted = { systemId, type, id, address, port, certificate: certificate ?? node.certificate };
      await keepNode(tx, follower.intent, wanted, () => true);
    });
    this.#strangers.forget();
    if (certificate !== undefined) this.#hypervisors.get(systemId)?.requireCertificate(certificate);
    this.#diallings.get(systemId)?.retry();
    this.#waiting.lookAgain(systemId);
    const node = follower.intent.nodes.get(systemId);
    const known = this.#hypervisors.get(systemId);
    if (known !== undefined || node === undefined) return known ?? this.#gone(systemId);
    return this.#hypervisors.make(systemId, node);
  }

  /** @throws FABRIC__HYPERVISOR_IN_USE */
  async disconnect(name: string): Promise<void> {
    const candidate = this.#candidates.get(name);
    if (candidate !== undefined) this.giveUp(candidate);
    const known = namesake(this.#options.follower.intent, name);
    if (known !== undefined) await this.forget(known.systemId);
  }

  /** @throws FABRIC__HYPERVISOR_IN_USE, MODEL__NOT_FOUND */
  async forget(systemId: string): Promise<void> {
    const { store, follower } = this.#options;
    await store.transact(async (tx) => forgetNode(tx, follower.intent, systemId, true));
    this.#drop(systemId);
  }

  /** Whoever was refused because of a hypervisor that is gone may be managed now. */
  retry(): void {
    for (const dialling of [...this.#diallings.values(), ...this.#candidates.values()]) dialling.retry();
  }

  /** Takes the connection of a hypervisor that has dialled in, if it is one that was accepted. */
  dialledIn(client: OvsdbClient): void {
    const { clock } = this.#options;
    void receiveDialledIn(client, {
      clock,
      logger: this.#logger,
      judge: (shown, from) => this.#judgeDialledIn(shown, from),
      waiting: this.#waiting,
      take: (session) => void this.#takeDialledIn(session),
    });
  }

  [Symbol.dispose](): void {
    this.#waiting[Symbol.dispose]();
    for (const dialling of [...this.#diallings.values(), ...this.#candidates.values()]) dialling[Symbol.dispose]();
    this.#diallings.clear();
    this.#candidates.clear();
  }

  #dial(node: NodeAddress, expected: string | undefined): Dialling {
    const { tls, clock, random, logger } = this.#options;
    return new Dialling({
      ...{ node, expected, tls, clock, random, logger },
      admit: async (session, dialling) => this.#admit(session, dialling),
      left: (systemId) => this.#dropUnkept(systemId),
      changed: (dialling) => this.#changed(dialling),
    });
  }

  /** Nobody asks for it any more, unless it is part of intent. */
  #dropUnkept(systemId: string): void {
    const isTried = [...this.#candidates.values()].some(({ hypervisor }) => hypervisor === systemId);
    if (this.#known(systemId) === undefined && !isTried) this.#hypervisors.drop(systemId);
  }

  #drop(systemId: string): void {
    this.#diallings.get(systemId)?.[Symbol.dispose]();
    this.#diallings.delete(systemId);
    this.#hypervisors.drop(systemId);
  }

  #changed(dialling: Dialling): void {
    const reason = dialling.refusal ?? dialling.failure;
    if (reason !== undefined && dialling.expected !== undefined)
      this.#hypervisors.get(dialling.expected)?.notReached(reason, dialling.refusal !== undefined);
    this.#hypervisors.changed(dialling.hypervisor ?? dialling.name);
  }

  async #admit(session: DatabaseSession, dialling: Dialling): Promise<Admission> {
    const shown = { systemId: systemIdOf(session.tables), certificate: session.certificate };
    const systemId = shown.systemId ?? "";
    const refusal =
      lackOfIdentity(shown.systemId) ??
      this.#unexpected(systemId, dialling) ??
      wrongCertificate(this.#known(systemId), shown) ??
      (await this.#attach(session, systemId, dialling.node));
    if (!session.isOpen) this.#dropUnkept(systemId);
    if (refusal === undefined) return { hypervisor: systemId };
    if (session.isOpen)
      this.#strangers.turnedAway(
        systemId,
        `the hypervisor at ${dialling.node.address}:${dialling.node.port} (${dialling.name}) is refused: ${refusal}`,
      );
    return { refusal };
  }

  /** Why somebody else answers at an address, or somebody who is there already. */
  #unexpected(systemId: string, { expected, name }: Dialling): string | undefined {
    if (expected !== undefined && expected !== systemId)
      return `it is hypervisor ${systemId}, and not ${expected}; if it has taken the place of that one, connect ${name} again`;
    const known = this.#known(systemId);
    if (expected !== undefined || known === undefined || known.address === null || nodeName(known) === name)
      return undefined;
    const isThere = this.#hypervisors.get(systemId)?.isConnected === true;
    return isThere
      ? `it is hypervisor ${systemId}, which is connected as ${nodeName(known)}, or a clone of it`
      : undefined;
  }

  /** Hands a connection to its hypervisor. Gives the reason why that doesn't take it. */
  async #attach(session: DatabaseSession, systemId: string, node: HypervisorNode): Promise<string | undefined> {
    const hypervisor = this.#hypervisors.get(systemId) ?? this.#hypervisors.make(systemId, node);
    const offered = await hypervisor.attach(session);
    if (offered === "taken") void this.#pin(systemId, session.certificate);
    if (offered === "busy") session.close("another connection of the same hypervisor is being looked at");
    if (offered !== "rival") return offered === "taken" ? undefined : "another connection of it is being looked at";
    return `hypervisor ${systemId} is connected already (${hypervisor.view.reachedBy ?? "?"}): one of them is a clone, and needs a system-id of its own (external_ids:system-id, /etc/openvswitch/system-id.conf)`;
  }

  #judgeDialledIn(shown: Shown, remote: string): boolean {
    const systemId = shown.systemId ?? "";
    const known = this.#known(systemId);
    const refusal =
      lackOfIdentity(shown.systemId) ??
      (known === undefined ? `nobody has accepted it; to accept it: ${acceptCommand(systemId)}` : undefined) ??
      wrongCertificate(known, shown);
    if (refusal !== undefined) this.#turnAway(systemId, remote, refusal);
    return refusal === undefined;
  }

  async #takeDialledIn(session: DatabaseSession): Promise<void> {
    const systemId = systemIdOf(session.tables) ?? "";
    const { certificate, remote } = session;
    const node = this.#known(systemId);
    if (node === undefined || !this.#judgeDialledIn({ systemId, certificate }, remote))
      return session.close("it isn't whom it was");
    const refusal = await this.#attach(session, systemId, node);
    if (refusal === undefined) return;
    if (session.isOpen) this.#turnAway(systemId, remote, refusal);
    session.close(refusal);
  }

  #turnAway(systemId: string, remote: string, refusal: string): void {
    const from = hostOf(remote);
    const who = isSystemId(systemId) ? `hypervisor ${systemId}` : "a hypervisor";
    this.#strangers.turnedAway(
      isSystemId(systemId) ? systemId : "?",
      `${who}, which dials in from ${from}, is turned away: ${refusal}`,
    );
  }

  /** The first certificate that a hypervisor shows is the one that it has to show from now on. */
  async #pin(systemId: string, certificate: string | undefined): Promise<void> {
    const { store, follower } = this.#options;
    if (certificate === undefined || follower.intent.nodes.get(systemId)?.certificate !== null) return;
    try {
      await store.transact(async (tx) => {
        const node = follower.intent.nodes.get(systemId);
        if (node?.certificate === null) await keepNode(tx, follower.intent, { ...node, certificate }, () => true);
      });
    } catch (error) {
      const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
      this.#logger[level](
        { hypervisor: systemId, error: messageOf(error) },
        "whose certificate it has could not be stored",
      );
    }
  }

  #known(systemId: string): Node | undefined {
    return this.#options.follower.intent.nodes.get(systemId);
  }

  #nodeOf({ node: { type, id, address, port } }: Dialling, hypervisor: Hypervisor): Omit<Node, "revision"> {
    const certificate = this.#known(hypervisor.key)?.certificate ?? hypervisor.view.certificate ?? null;
    return { systemId: hypervisor.key, type, id, address, port, certificate };
  }

  #gone(systemId: string): never {
    throw new LoomstackError("MODEL__NOT_FOUND", { resource: "hypervisor", id: systemId });
  }
}

function isSameAddress(dialling: Dialling | undefined, { address, port }: NodeAddress): boolean {
  return dialling?.node.address === address && dialling.node.port === port;
}

function isSameNode(known: Node | undefined, wanted: Omit<Node, "revision">): boolean {
  return (
    known !== undefined &&
    nodeName(known) === nodeName(wanted) &&
    known.address === wanted.address &&
    known.port === wanted.port &&
    known.certificate === wanted.certificate
  );
}
