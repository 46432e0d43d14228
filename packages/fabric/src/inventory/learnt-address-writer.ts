/**
 * Writes to the store what was seen of ports' addresses: what they are, and what they are no more. Once a minute it looks
 * for leases that have ended.
 */
import { type Clock, type Ip, isLoomstackError, type Logger, messageOf, type Uuid } from "@loomstack/core";
import {
  type AddressSource,
  forgetAddress,
  forgetLeases,
  type Intent,
  learnAddress,
  type Learning,
  listExpiredAddresses,
  type SeenAddress,
  type Store,
  type Tx,
} from "@loomstack/model";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";
import { ReconcileLoop } from "../reconcile/reconcile-loop.ts";

export interface LearntAddressWriterOptions {
  readonly intent: Intent;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Records an event. */
  readonly event: TellEvent;
  /** Whether an address is still to be learnt of a port, when it comes to that. */
  readonly isLearnt: (port: Uuid, seen: SeenAddress) => boolean;
}

/** What was seen of an address of a port. */
export type SeenOfPort =
  | ({ readonly kind: "has"; readonly port: Uuid } & SeenAddress)
  | { readonly kind: "gave-back"; readonly port: Uuid; readonly address: Ip }
  | { readonly kind: "lost-lease"; readonly port: Uuid };

type Outcome =
  | { readonly seen: SeenOfPort & { readonly kind: "has" }; readonly learning: Learning }
  | { readonly forgotten: Ip; readonly port: Uuid; readonly reason: string };

/** How much waits to be stored; what is more is passed over, and seen again when a guest next shows it. */
const mostPending = 1_000;
const sweepMs = 60_000;

export class LearntAddressWriter implements Disposable {
  readonly #options: LearntAddressWriterOptions;
  readonly #events: EventThrottle;
  readonly #loop: ReconcileLoop;
  /** By port and address; what was seen last counts. */
  readonly #pending = new Map<string, SeenOfPort>();
  #sweep: Disposable;
  #isSweepDue = true;

  constructor(options: LearntAddressWriterOptions) {
    const { clock, random, logger, event } = options;
    this.#options = options;
    this.#events = new EventThrottle(clock, event);
    this.#loop = new ReconcileLoop({
      ...{ clock, random, backoff: { firstMs: 50, limitMs: 5_000 } },
      work: async () => this.#write(),
      failed: (error) => {
        const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
        const ports = new Set(this.#pending.values().map(({ port }) => port)).size;
        logger[level]({ ports, error: messageOf(error) }, "learnt addresses could not be stored; trying again");
      },
    });
    this.#sweep = this.#sweepLater();
  }

  [Symbol.dispose](): void {
    this.#sweep[Symbol.dispose]();
    this.#loop[Symbol.dispose]();
  }

  add(seen: SeenOfPort): void {
    const key = `${seen.port} ${seen.kind === "lost-lease" ? "" : seen.address}`;
    if (this.#pending.size >= mostPending && !this.#pending.has(key)) return;
    // To its end: what comes first is stored first.
    this.#pending.delete(key);
    this.#pending.set(key, seen);
    this.#loop.trigger();
  }

  #sweepLater(): Disposable {
    return this.#options.clock.after(sweepMs, () => {
      this.#isSweepDue = true;
      this.#loop.trigger();
      this.#sweep = this.#sweepLater();
    });
  }

  async #write(): Promise<void> {
    const { store, clock } = this.#options;
    const nowMs = clock.now();
    const hasExpired = this.#isSweepDue && (await listExpiredAddresses(store.db, nowMs)).length > 0;
    this.#isSweepDue = false;
    const batch = [...this.#pending];
    if (batch.length === 0 && !hasExpired) return;
    const { result: outcomes } = await store.observe(async (tx) => {
      const done: Outcome[] = [];
      for (const [, seen] of batch) done.push(...(await this.#store(tx, seen)));
      // What has been renewed meanwhile has not ended.
      for (const { port, address } of hasExpired ? await expired(tx, nowMs) : [])
        if (await forgetAddress(tx, port, address))
          done.push({ forgotten: address, port, reason: "its lease has ended" });
      return done;
    });
    for (const [key, seen] of batch) if (this.#pending.get(key) === seen) this.#pending.delete(key);
    for (const outcome of outcomes) this.#tell(outcome);
  }

  async #store(tx: Tx, seen: SeenOfPort): Promise<readonly Outcome[]> {
    const { intent, isLearnt } = this.#options;
    const port = intent.ports.get(seen.port);
    if (port === undefined) return [];
    if (seen.kind === "has") {
      if (!intent.bindings.has(port.id) || !isLearnt(port.id, seen)) return [];
      return [{ seen, learning: await learnAddress(tx, port, seen) }];
    }
    const gone = (forgotten: Ip, reason: string): Outcome => ({ forgotten, port: port.id, reason });
    if (seen.kind === "lost-lease")
      return (await forgetLeases(tx, port.id)).map((address) => gone(address, "a DHCP server refuses it"));
    return (await forgetAddress(tx, port.id, seen.address))
      ? [gone(seen.address, "its guest has given it back by DHCP")]
      : [];
  }

  #tell(outcome: Outcome): void {
    if ("forgotten" in outcome) {
      const { forgotten, port, reason } = outcome;
      const message = `port ${port} has ${forgotten} no more: ${reason}`;
      return void this.#events.tell("info", "address-forgotten", message, { object: `port ${port}` });
    }
    const { port, address, source } = outcome.seen;
    const object = `port ${port}`;
    const network = this.#options.intent.ports.get(port)?.networkId ?? "";
    const said = `port ${port} has ${address} in network ${network}, says ${sourceTexts[source]}`;
    const { learning } = outcome;
    if (learning.kind === "learnt") {
      const before = learning.takenFrom === undefined ? "" : `; it was port ${learning.takenFrom}'s before`;
      this.#events.tell("info", "address-learnt", said + before, { object });
    } else if (learning.kind === "held") {
      const message = `${said}, but port ${learning.by} has it; it is not believed`;
      this.#events.tell("warning", "address-conflict", message, { object });
    }
  }
}

async function expired(tx: Tx, nowMs: number): Promise<readonly { readonly port: Uuid; readonly address: Ip }[]> {
  return (await listExpiredAddresses(tx.db, nowMs)).map(({ portId, address }) => ({ port: portId, address }));
}

/** Who has said so, for people. */
const sourceTexts: Readonly<Record<AddressSource, string>> = {
  arp: "its guest in ARP",
  nd: "its guest in neighbour discovery",
  dhcp: "a DHCP server",
};
