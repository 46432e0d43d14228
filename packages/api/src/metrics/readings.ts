import type { Revision } from "@loomstack/core";
import type { ControllerReading, HypervisorStatus, StoreReading, SwitchStatus } from "@loomstack/model";
import type { ControllerPorts } from "../options.ts";
import type { HttpReading } from "./http-measurements.ts";

/** All that metrics are made of, read at one time. */
export interface Readings {
  readonly intentRevision: Revision;
  readonly store: StoreReading;
  /** Undefined where nobody measures requests. */
  readonly http: HttpReading | undefined;
  /** Readers of the event stream, now. */
  readonly eventStreams: number;
  /** Undefined where the controller half doesn't run in this process. */
  readonly controller: ControllerReadings | undefined;
}

export interface ControllerReadings {
  readonly own: ControllerReading;
  readonly realisedRevision: Revision;
  readonly hypervisors: readonly HypervisorStatus[];
  /** How many packets the ports of each hypervisor that has answered were refused, by its key. */
  readonly refusals: ReadonlyMap<string, bigint>;
  /** Those that were added: who else connects is nobody's choice. */
  readonly switches: readonly SwitchStatus[];
}

export async function readController(controller: ControllerPorts): Promise<ControllerReadings> {
  const { hypervisors, realised, switches, measurements, traffic } = controller;
  const refusals = await traffic.refusals();
  return {
    refusals,
    own: measurements.read(),
    realisedRevision: realised.revision(),
    hypervisors: hypervisors.list(),
    switches: switches.list().filter(({ registered }) => registered),
  };
}
