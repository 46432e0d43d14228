import { Listeners, type Revision, type Uuid } from "@loomstack/core";
import { type Commit, type Intent, loadIntent, type Store } from "@loomstack/model";
import { applyStep, type IntentStep } from "./intent-step.ts";
import { Placement } from "./placement.ts";

/** Intent in memory, kept current with the store. */
export class IntentFollower implements Disposable {
  readonly intent: Intent;
  readonly placement: Placement;
  readonly steps = new Listeners<IntentStep>();
  readonly #loadedAt: Revision;
  readonly #networkRevisions = new Map<Uuid, Revision>();
  readonly #hypervisorRevisions = new Map<string, Revision>();
  readonly #subscription: Disposable;

  private constructor(intent: Intent, subscription: Disposable) {
    this.intent = intent;
    this.placement = Placement.of(intent);
    this.#loadedAt = intent.revision;
    this.#subscription = subscription;
  }

  /** Loads intent and follows it from there; no commit is missed or applied twice. */
  static async start(store: Store): Promise<IntentFollower> {
    const early: Commit[] = [];
    let apply = (commit: Commit): void => void early.push(commit);
    const subscription = store.commits.add((commit) => apply(commit));
    const intent = await loadIntent(store).catch((error: unknown) => {
      subscription[Symbol.dispose]();
      throw error;
    });
    const follower = new IntentFollower(intent, subscription);
    apply = (commit) => follower.#apply(commit);
    for (const commit of early) follower.#apply(commit);
    return follower;
  }

  /** The revision of the last change that concerns a network; that of the start when there was none since. */
  revisionOf(network: Uuid): Revision {
    return this.#networkRevisions.get(network) ?? this.#loadedAt;
  }

  /** The revision of the last change that concerns a hypervisor; that of the start when there was none since. */
  revisionFor(hypervisor: string): Revision {
    return this.#hypervisorRevisions.get(hypervisor) ?? this.#loadedAt;
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #apply(commit: Commit): void {
    if (commit.revision <= this.intent.revision) return;
    const step = applyStep(this.intent, this.placement, commit);
    for (const network of step.networks) {
      if (this.intent.networks.has(network)) this.#networkRevisions.set(network, commit.revision);
      else this.#networkRevisions.delete(network);
    }
    for (const key of step.hypervisors.keys()) this.#hypervisorRevisions.set(key, commit.revision);
    for (const change of commit.changes)
      if (change.resource === "node" && change.after === undefined) this.#hypervisorRevisions.delete(change.id);
    this.steps.tell(step);
  }
}
