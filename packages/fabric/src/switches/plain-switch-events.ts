import type { Clock } from "@loomstack/core";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";
import type { SwitchOutcome } from "./switch-round.ts";

/** How many of the flows that one round put back, or had refused, are named. */
const mostNamed = 10;

/** The events that a plain switch gives rise to, in words. */
export class PlainSwitchEvents {
  readonly #dpid: string;
  readonly #throttle: EventThrottle;
  /** Why a connection was sent away last. */
  #refusal: string | undefined;

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

  /** A connection that says it is the switch was sent away, for this reason; told once for each reason. */
  refused(reason: string): void {
    if (this.#refusal === reason) return;
    if (this.#throttle.tell("warning", "switch-refused", `switch ${this.#dpid}: ${reason}`)) this.#refusal = reason;
  }

  /** What setting it right has shown. */
  applied({ repaired, refused, foreignMeter }: SwitchOutcome): void {
    const start = `somebody else changed what is ours on switch ${this.#dpid}; put back: `;
    for (const flow of named(repaired)) this.#throttle.tell("warning", "drift-repaired", start + flow);
    for (const flow of named(refused))
      this.#throttle.tell("error", "static-flow-refused", `switch ${this.#dpid} doesn't take ${flow}`);
    if (foreignMeter === undefined) return;
    const text = `what switch ${this.#dpid} sends to the controller isn't limited by us: ${foreignMeter}`;
    this.#throttle.tell("warning", "punt-meter-foreign", text);
  }
}

function named(what: readonly string[]): readonly string[] {
  const rest = what.length - mostNamed;
  return rest <= 0 ? what : [...what.slice(0, mostNamed), `${rest} more`];
}
