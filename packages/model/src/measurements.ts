/** What the controller tells of its own work, in plain numbers. The fabric implements it; tests implement it too. */
import type { HistogramReading } from "@loomstack/core";

export interface Measurements {
  /** Costs what it reads, and nothing between two calls. */
  read(): ControllerReading;
}

/** Where it isn't said otherwise, a number counts since the controller has started, and only grows. */
export interface ControllerReading {
  /** Objects of intent, now. */
  readonly networks: number;
  readonly ports: number;
  /** Hypervisors that were known at the start, and that no attempt to connect has ended for yet, now. */
  readonly hypervisorsUntried: number;
  /** How long rounds of reconciling a hypervisor take. */
  readonly rounds: HistogramReading;
  /** How long it takes from a port being seen on a hypervisor until it is ACTIVE. */
  readonly portsRealised: HistogramReading;
  /** Ports for which that is under way, now. */
  readonly portsRealising: number;
  /** Ports that were not timed: too many others were under way, or they were not ACTIVE after a minute. */
  readonly portsNotTimed: number;
  /** Hypervisors that wait for their turn to be computed or read, now. */
  readonly turnsWaiting: number;
  /** Ports that are to be looked at, whether they are bound to where they are seen, now. */
  readonly bindingsPending: number;
  /** Calls that wait for a hypervisor to become ready, now. */
  readonly connectsWaiting: number;
  /** Calls that wait for a revision or a port to be realised, now. */
  readonly realisedWaiting: number;
  /** What guests have asked of the network itself: addresses, names, routers. */
  readonly questions: {
    /** By the name of the service that has answered. */
    readonly answered: Readonly<Record<string, number>>;
    /** Malformed, of nobody, or not to be answered. */
    readonly ignored: number;
    /** Of ports or hypervisors that asked too much. */
    readonly dropped: number;
  };
  /** Ways through the overlay, one for each direction. */
  readonly paths: {
    /** Now. */
    readonly wanted: number;
    /** Those of them that a probe has passed, now. */
    readonly up: number;
    readonly probesSent: number;
    readonly probesArrived: number;
  };
}
