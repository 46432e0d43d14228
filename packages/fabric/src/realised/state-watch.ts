import type { Clock, Uuid } from "@loomstack/core";
import type { Intent, NetworkStatus, PortStatus } from "@loomstack/model";
import type { TellEvent } from "../event-throttle.ts";
import type { IntentStep } from "../intent/intent-step.ts";
import { isUp, type Placement } from "../intent/placement.ts";
import { EventAllowance } from "./event-allowance.ts";
import { type State, type StateChange, stateEvents } from "./state-events.ts";
import { type HypervisorStanding, StateMarks, type Subject } from "./state-marks.ts";

/** Things have to be still for so long before states are looked at. */
const quietMs = 250;
/** After a start, hypervisors have so long to be connected before it is told what isn't as it was. */
const startMs = 60_000;
/** A look is taken in slices, each of so many ports and so long at most, with a pause: forwarding comes first. */
const mostInSlice = 64;
const sliceMs = 2;
const pauseMs = 30;
/** To pass over a port that is as it was costs so little, compared with judging it. */
const passedOver = 1 / 32;

export interface StateWatchOptions {
  readonly clock: Clock;
  readonly intent: Intent;
  readonly placement: Placement;
  readonly port: (id: Uuid) => PortStatus;
  readonly network: (id: Uuid) => NetworkStatus;
  /** What a hypervisor is at; undefined where there is none of this key. */
  readonly hypervisor: (key: string) => HypervisorStanding | undefined;
  /** Whether an attempt to connect each hypervisor has ended since the start. */
  readonly isStarted: () => boolean;
  readonly tell: TellEvent;
}

/**
 * Tells when ports and networks come into another state. What happens between two looks is told as what came of it: a
 * port that is in BUILD for a moment is nothing to be told. What was there at the start is taken to have been ACTIVE where
 * it was on a hypervisor: a restart that changes nothing tells nothing.
 */
export class StateWatch implements Disposable {
  readonly #options: StateWatchOptions;
  readonly #marks: StateMarks;
  readonly #allowance: EventAllowance;
  readonly #startedAtMs: number;
  /** What was told last of those that are not ACTIVE. */
  readonly #told = { port: new Map<Uuid, State>(), network: new Map<Uuid, State>() };
  /** The ports of these that nothing has to be asked for so that they become ACTIVE. */
  readonly #waiting = new Set<Uuid>();
  #found: StateChange[] = [];
  #timer: Disposable | undefined;
  #isLooking = false;
  #isOver = false;

  constructor(options: StateWatchOptions) {
    this.#options = options;
    const { intent, clock } = options;
    this.#startedAtMs = clock.now();
    this.#marks = new StateMarks(options);
    this.#allowance = new EventAllowance(clock);
    for (const [id, port] of intent.ports)
      if (!intent.bindings.has(id) || !isUp(intent, port)) this.#told.port.set(id, "DOWN");
    for (const [id, { adminStateUp }] of intent.networks) if (!adminStateUp) this.#told.network.set(id, "DOWN");
    this.#marks.networks(intent.networks.keys());
    this.#await(quietMs);
  }

  /** Takes a step of intent. */
  step({ changes, networks }: Pick<IntentStep, "changes" | "networks">): void {
    for (const change of changes) {
      if (change.resource !== "port" && change.resource !== "network") continue;
      const { resource, id, before, after } = change;
      // A new port is nowhere yet.
      const isDown = before === undefined && (resource === "port" || after?.adminStateUp === false);
      if (isDown) this.#told[resource].set(id, "DOWN");
      if (after !== undefined) continue;
      this.#told[resource].delete(id);
      if (resource === "port") this.#waiting.delete(id);
    }
    this.#marks.networks(networks);
    this.#marked();
  }

  /** Something of a hypervisor may be otherwise than before. */
  changed(key: string): void {
    this.#marks.hypervisor(key);
    this.#marked();
  }

  /** A way between two hypervisors has turned out to work, or to work no more. */
  path(ends: { readonly from: string; readonly to: string }, passes: boolean): void {
    if (passes && this.#waiting.size === 0) return;
    this.#marks.path(ends, passes);
    this.#marked();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }

  #marked(): void {
    if (this.#timer === undefined && !this.#isLooking) this.#await(quietMs);
  }

  #await(delayMs: number): void {
    if (!this.#isOver) this.#timer = this.#options.clock.after(delayMs, () => this.#due());
  }

  #due(): void {
    this.#timer = undefined;
    const { clock, isStarted } = this.#options;
    const nowMs = clock.now();
    if (nowMs - this.#startedAtMs < startMs && !isStarted()) return this.#await(quietMs);
    const stillMs = Math.max(this.#allowance.pauseMs(), this.#marks.untilStillMs(quietMs));
    if (stillMs > 0) return this.#await(stillMs);
    this.#isLooking = true;
    this.#slice(this.#marks.take(this.#waiting));
  }

  #slice(rest: Iterator<Subject | undefined, undefined>): void {
    this.#timer = undefined;
    const { clock } = this.#options;
    const endMs = clock.now() + sliceMs;
    for (let spent = 0; spent < mostInSlice && clock.now() < endMs;) {
      const next = rest.next();
      if (next.done === true) return this.#end();
      if (next.value !== undefined) this.#judge(next.value);
      spent += next.value === undefined ? passedOver : 1;
    }
    if (!this.#isOver) this.#timer = clock.after(pauseMs, () => this.#slice(rest));
  }

  #judge({ kind, id }: Subject): void {
    const before = this.#told[kind].get(id) ?? "ACTIVE";
    const change = kind === "port" ? this.#portChange(id, before) : this.#networkChange(id, before);
    if (change === undefined) return;
    if (kind === "port" && change.after !== "ACTIVE" && !change.isWanted) this.#waiting.add(id);
    else if (kind === "port") this.#waiting.delete(id);
    if (change.after !== before) this.#found.push(change);
  }

  #portChange(id: Uuid, before: State): StateChange | undefined {
    const { intent, port: statusOf } = this.#options;
    const port = intent.ports.get(id);
    if (port === undefined) return undefined;
    const { status: after, reason, hypervisor } = statusOf(id);
    const isWanted = hypervisor === null || !isUp(intent, port);
    return { kind: "port", id, network: port.networkId, before, after, reason, hypervisor, isWanted };
  }

  #networkChange(id: Uuid, before: State): StateChange | undefined {
    const { intent, network: statusOf } = this.#options;
    const network = intent.networks.get(id);
    if (network === undefined) return undefined;
    const { status: after, reason } = statusOf(id);
    return {
      kind: "network",
      id,
      network: id,
      before,
      after,
      reason,
      hypervisor: null,
      isWanted: !network.adminStateUp,
    };
  }

  #end(): void {
    this.#isLooking = false;
    const { intent, tell } = this.#options;
    const found = this.#found.filter(({ kind, id }) => (kind === "port" ? intent.ports : intent.networks).has(id));
    this.#found = [];
    for (const { kind, id, after } of found) {
      if (after === "ACTIVE") this.#told[kind].delete(id);
      else this.#told[kind].set(id, after);
    }
    const events = stateEvents(found, this.#allowance.left());
    this.#allowance.spend(events.length);
    for (const event of events) tell(...event);
    if (this.#marks.isAny) this.#await(quietMs);
  }
}
