import type { OfPort, Revision, Uuid } from "@loomstack/core";
import type { HypervisorPlan } from "../compile/hypervisor-plan.ts";
import type { Encapsulation } from "../compile/plan.ts";

const unknown = 0 as Revision;

/** What the switches of one hypervisor have confirmed of its plan, as far as it is known to be still so. */
export class Confirmation {
  readonly #plan: HypervisorPlan;
  #revision = unknown;

  constructor(plan: HypervisorPlan) {
    this.#plan = plan;
  }

  /** The revision whose flows the switches hold; 0 while that is not known. */
  get revision(): Revision {
    return this.#revision;
  }

  /** All flows of the plan, which is as new as `revision`, are in place. */
  confirm(revision: Revision): void {
    this.#plan.confirm();
    this.#revision = revision;
  }

  /** What the switches hold, or where interfaces are, is not known any more. */
  doubt(): void {
    this.#revision = unknown;
  }

  /** The OpenFlow port that the confirmed flows of a local port are for. */
  ofPortOf(port: Uuid): OfPort | undefined {
    return this.#isConfirmed(port) ? this.#plan.ofPortOf(port) : undefined;
  }

  /** Whether flows of the network are confirmed. */
  carries(network: Uuid): boolean {
    return this.#isConfirmed(network);
  }

  tunnelPort(encapsulation: Encapsulation): OfPort | undefined {
    return this.#revision === unknown ? undefined : this.#plan.tunnels.get(encapsulation);
  }

  #isConfirmed(id: Uuid): boolean {
    return this.#revision !== unknown && this.#plan.isConfirmed(id);
  }
}
