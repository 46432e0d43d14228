import type { Revision } from "@loomstack/core";
import { type HypervisorCounters, type HypervisorStatus, noDrift } from "@loomstack/model";
import type { Dialling } from "./dialling.ts";

const nothingCounted: HypervisorCounters = {
  flowModsSent: 0,
  driftRepaired: 0,
  ovsdbTransactions: 0,
  ovsdbConnections: 0,
  openflowConnections: 0,
  rounds: 0,
  roundsFailed: 0,
  packetsPunted: 0,
  puntsDropped: 0,
};

/** What is told of a hypervisor that was asked for, and whose identity isn't known yet. */
export function unidentifiedStatus({ name, node, refusal, failure }: Dialling): HypervisorStatus {
  return {
    key: name,
    node,
    systemId: null,
    connection: null,
    certificate: null,
    state: refusal === undefined ? "connecting" : "refused",
    reason: refusal ?? failure ?? "it is being dialled",
    tunnelEndpoint: null,
    realised: 0 as Revision,
    bridges: [],
    counters: nothingCounted,
    drift: noDrift,
  };
}
