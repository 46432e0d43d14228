import type { PuntCounters } from "@loomstack/openflow";

type Sum = Pick<PuntCounters, "received" | "dropped">;

/** What became of packets for the controller, over several connections. */
export class PuntSum implements Sum {
  #received: number;
  #dropped: number;

  constructor({ received, dropped }: Sum = { received: 0, dropped: 0 }) {
    this.#received = received;
    this.#dropped = dropped;
  }

  get received(): number {
    return this.#received;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add({ received, dropped }: Sum): void {
    this.#received += received;
    this.#dropped += dropped;
  }
}
