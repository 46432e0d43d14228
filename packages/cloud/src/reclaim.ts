/**
 * Gives back what nobody needs any more, and goes on with what couldn't be given back at once: ports of stopped
 * instances, networks in Shutdown or long idle, destroyed instances. Each look finds its work in the store, so nothing
 * is forgotten by a restart.
 */
import { backoffDelayMs, messageOf, randomFraction } from "@loomstack/core";
import { forgetJobs, guestNetworks, instances, nics } from "@loomstack/model";
import type { CloudContext } from "./context.ts";
import type { InstanceStopper } from "./instances/stop-instance.ts";
import type { Ports } from "./instances/ports.ts";
import { type Claim, exclusively, type TaskQueue } from "./jobs/task-queue.ts";
import type { NetworkLifecycle } from "./networks/network-lifecycle.ts";

export interface ReclaimParts {
  readonly queue: TaskQueue;
  readonly networks: NetworkLifecycle;
  readonly ports: Ports;
  readonly stopper: InstanceStopper;
}

interface Chore {
  readonly what: string;
  readonly claim: Claim;
  /** @throws when it is to be tried again */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

const retryLimitMs = 60_000;

/** Looks again and again, at longer intervals while it fails; disposing ends that. */
export class Reclaimer implements Disposable {
  readonly #context: CloudContext;
  readonly #parts: ReclaimParts;
  #timer: Disposable | undefined;
  #failures = 0;

  constructor(context: CloudContext, parts: ReclaimParts) {
    this.#context = context;
    this.#parts = parts;
  }

  start(): void {
    const { reclaimIntervalMs } = this.#context.settings;
    const policy = { firstMs: reclaimIntervalMs, limitMs: Math.max(retryLimitMs, reclaimIntervalMs) };
    const pauseMs =
      this.#failures === 0
        ? reclaimIntervalMs
        : backoffDelayMs(policy, this.#failures, () => randomFraction(this.#context.random));
    this.#timer = this.#context.clock.after(pauseMs, () => {
      void this.look().finally(() => {
        if (!this.#parts.queue.signal.aborted) this.start();
      });
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** Does what there is to do now, one after another. Never rejects. */
  async look(): Promise<void> {
    let failed = false;
    try {
      const { store, clock, settings } = this.#context;
      await forgetJobs(store, clock.now() - settings.jobRetentionMs);
      for (const chore of await this.#chores()) failed = !(await this.#tried(chore)) || failed;
    } catch (error) {
      failed = true;
      this.#context.logger.error({ error }, "what is to be cleaned up could not be found out");
    }
    this.#failures = failed ? this.#failures + 1 : 0;
  }

  async #tried(chore: Chore): Promise<boolean> {
    try {
      await this.#parts.queue.run([chore.claim], chore.work);
      return true;
    } catch (error) {
      if (!this.#parts.queue.signal.aborted)
        this.#context.logger.warn(
          { chore: chore.what, error: messageOf(error) },
          "cleaning up failed; it is tried again",
        );
      return false;
    }
  }

  async #chores(): Promise<readonly Chore[]> {
    return [...(await this.#portChores()), ...(await this.#instanceChores()), ...(await this.#networkChores())];
  }

  async #portChores(): Promise<readonly Chore[]> {
    const releasing = await nics.list(this.#context.store.db, { portState: "releasing" });
    const instanceIds = [...new Set(releasing.map((nic) => nic.instanceId))];
    return instanceIds.map((id) => ({
      what: `ports of instance ${id}`,
      claim: exclusively(`instance:${id}`),
      work: async (signal) => {
        const problems = await this.#parts.ports.release(id, signal);
        if (problems.length > 0) throw new AggregateError([], problems.join("; "));
      },
    }));
  }

  async #instanceChores(): Promise<readonly Chore[]> {
    const { store, clock, settings } = this.#context;
    const expunging = await instances.list(store.db, { state: "Expunging" });
    const destroyed = await instances.list(store.db, { state: "Destroyed" });
    const due = destroyed.filter(({ destroyedAt }) => (destroyedAt ?? 0) + settings.expungeDelayMs <= clock.now());
    return [...expunging, ...due].map(({ id }) => ({
      what: `instance ${id}`,
      claim: exclusively(`instance:${id}`),
      work: async (signal) => {
        const state = (await instances.find(store.db, id))?.state;
        if (state === "Expunging" || state === "Destroyed") await this.#parts.stopper.expunge(id, signal);
      },
    }));
  }

  async #networkChores(): Promise<readonly Chore[]> {
    const { store, clock, settings } = this.#context;
    const isDue = async (id: (typeof guests)[number]["id"]): Promise<boolean> => {
      const network = await guestNetworks.find(store.db, id);
      if (network?.state === "Shutdown") return true;
      return (
        network?.state === "Implemented" &&
        network.idleSince !== null &&
        network.idleSince + settings.networkGcWaitMs <= clock.now()
      );
    };
    const guests = [
      ...(await guestNetworks.list(store.db, { state: "Shutdown" })),
      ...(await guestNetworks.list(store.db, { state: "Implemented" })),
    ];
    const due = [];
    for (const { id } of guests) if (await isDue(id)) due.push(id);
    return due.map((id) => ({
      what: `network ${id}`,
      claim: exclusively(`network:${id}`),
      work: async (signal) => {
        if (await isDue(id)) await this.#parts.networks.shutdown(id, signal);
      },
    }));
  }
}
