import type { Clock, Uuid } from "@loomstack/core";

/** How many questions are looked at in a second. A guest that boots asks a few; one that resolves names some dozens. */
export const mostPerSecond = { ofHypervisor: 1_000, ofPort: 100 } as const;

const windowMs = 1_000;

/**
 * Lets so many questions through in a second, of a hypervisor and of a port: no guest keeps the controller from
 * answering others, also where the switch has no meter. What it holds is as much as was let through in a second.
 */
export class AnswerPace {
  readonly #clock: Clock;
  readonly #hypervisors = new Map<string, number>();
  readonly #ports = new Map<Uuid, number>();
  #startMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /** Counts a question, and gives whether it may be looked at. */
  allows(hypervisor: string, port: Uuid): boolean {
    const nowMs = this.#clock.now();
    if (nowMs - this.#startMs >= windowMs || nowMs < this.#startMs) {
      this.#startMs = nowMs;
      this.#hypervisors.clear();
      this.#ports.clear();
    }
    const ofHypervisor = this.#hypervisors.get(hypervisor) ?? 0;
    const ofPort = this.#ports.get(port) ?? 0;
    if (ofHypervisor >= mostPerSecond.ofHypervisor || ofPort >= mostPerSecond.ofPort) return false;
    this.#hypervisors.set(hypervisor, ofHypervisor + 1);
    this.#ports.set(port, ofPort + 1);
    return true;
  }
}
