import type { Clock } from "@loomstack/core";
import type { Event } from "@loomstack/model";

export type Severity = Event["severity"];
/** What an event is about, for programs: its message says it in words. */
export type Concerned = Partial<Pick<Event, "hypervisor" | "object">>;
export type TellEvent = (severity: Severity, kind: string, message: string, concerned?: Concerned) => void;

/** Events of one kind that may come at once, and how long it takes until one more may. */
const burst = 20;
const refillMs = 5_000;

interface Allowance {
  tokens: number;
  atMs: number;
  suppressed: number;
}

/**
 * Lets events through, but no flood of them: somebody who fights the controller, or a hypervisor that comes and goes,
 * must not push everything else out of the record. What is kept back is counted, and the next event says how many.
 */
export class EventThrottle {
  readonly #clock: Clock;
  readonly #tell: TellEvent;
  readonly #allowances = new Map<string, Allowance>();

  constructor(clock: Clock, tell: TellEvent) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Gives whether it was told, and not kept back. */
  tell(...[severity, kind, message, concerned]: Parameters<TellEvent>): boolean {
    const nowMs = this.#clock.now();
    const allowance = this.#allowances.get(kind) ?? { tokens: burst, atMs: nowMs, suppressed: 0 };
    this.#allowances.set(kind, allowance);
    allowance.tokens = Math.min(burst, allowance.tokens + (nowMs - allowance.atMs) / refillMs);
    allowance.atMs = nowMs;
    if (allowance.tokens < 1) {
      allowance.suppressed += 1;
      return false;
    }
    allowance.tokens -= 1;
    const more = allowance.suppressed === 0 ? "" : ` (and ${allowance.suppressed} more like this before it)`;
    allowance.suppressed = 0;
    this.#tell(severity, kind, message + more, concerned);
    return true;
  }
}
