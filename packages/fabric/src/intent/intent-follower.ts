import { Listeners, type Revision, type Uuid } from "@loomstack/core";
import { applyCommit, type Change, type Commit, type Intent, loadIntent, type Store } from "@loomstack/model";
import { concerned, type Concerned } from "./concerned.ts";

/** A step of intent, and what it concerns. */
export interface IntentStep extends Concerned {
  readonly revision: Revision;
  readonly changes: readonly Change[];
}

/** Intent in memory, kept current with the store. */
export class IntentFollower implements Disposable {
  readonly intent: Intent;
  readonly steps = new Listeners<IntentStep>();
  readonly #loadedAt: Revision;
  readonly #networkRevisions = new Map<Uuid, Revision>();
  readonly #hypervisorRevisions = new Map<string, Revision>();
  readonly #subscription: Disposable;

  private constructor(intent: Intent, subscription: Disposable) {
    this.intent = intent;
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
    const before = concerned(this.intent, commit.changes);
    applyCommit(this.intent, commit);
    const after = concerned(this.intent, commit.changes);
    const networks = before.networks.union(after.networks);
    for (const network of networks) {
      if (this.intent.networks.has(network)) this.#networkRevisions.set(network, commit.revision);
      else this.#networkRevisions.delete(network);
    }
    const hypervisors = before.hypervisors.union(after.hypervisors);
    for (const key of hypervisors) this.#hypervisorRevisions.set(key, commit.revision);
    for (const change of commit.changes)
      if (change.resource === "node" && change.after === undefined) this.#hypervisorRevisions.delete(change.id);
    this.steps.tell({ revision: commit.revision, changes: commit.changes, networks, hypervisors });
  }
}
