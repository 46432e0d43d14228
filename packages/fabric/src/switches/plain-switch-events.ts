import type { Clock } from "@loomstack/core";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";

/** How many of the flows that one round put back, or had refused, are named. */
const mostNamed = 10;

/** The events that a plain switch gives rise to, in words. */
export class PlainSwitchEvents {
  readonly #dpid: string;
  readonly #throttle: EventThrottle;

  constructor(dpid: string, clock: Clock, tell: TellEvent) {
    this.#dpid = dpid;
    this.#throttle = new EventThrottle(clock, tell);
  }

  connected(address: string): void {
    this.#throttle.tell("info", "switch-connected", `switch ${this.#dpid} is connected from ${address}`);
  }

  lost(reason: string): void {
    this.#throttle.tell("warning", "switch-lost", `switch ${this.#dpid} is not connected: ${reason}`);
  }

  claimedTwice(rival: string, address: string): void {
    const where = `${rival} says that it is switch ${this.#dpid}, which is connected from ${address} and answers`;
    this.#throttle.tell("warning", "switch-claimed-twice", `${where}; it was sent away`);
  }

  repaired(flows: readonly string[]): void {
    const start = `somebody else changed what is ours on switch ${this.#dpid}; put back: `;
    for (const flow of named(flows)) this.#throttle.tell("warning", "drift-repaired", start + flow);
  }

  refused(flows: readonly string[]): void {
    for (const flow of named(flows))
      this.#throttle.tell("error", "static-flow-refused", `switch ${this.#dpid} doesn't take ${flow}`);
  }
}

function named(what: readonly string[]): readonly string[] {
  const rest = what.length - mostNamed;
  return rest <= 0 ? what : [...what.slice(0, mostNamed), `${rest} more`];
}
