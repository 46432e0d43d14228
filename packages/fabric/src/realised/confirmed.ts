import type { OfPort, Revision, Uuid } from "@loomstack/core";
import type { Encapsulation, HypervisorPlan } from "../compile/plan.ts";

/** What the switches of a hypervisor have confirmed, as far as it is known to be still so. */
export interface Confirmed {
  readonly revision: Revision;
  readonly networks: ReadonlySet<Uuid>;
  /** The OpenFlow ports that the flows of guests' ports are for. */
  readonly ports: ReadonlyMap<Uuid, OfPort>;
  readonly tunnels: ReadonlyMap<Encapsulation, OfPort>;
}

export const unconfirmed: Confirmed = {
  revision: 0 as Revision,
  networks: new Set(),
  ports: new Map(),
  tunnels: new Map(),
};

/** The flows of `plan`, which is as new as `revision`, are in place. */
export function confirmedBy(plan: HypervisorPlan, revision: Revision): Confirmed {
  return {
    revision,
    networks: new Set(plan.networks.map(({ id }) => id)),
    ports: new Map(plan.networks.flatMap(({ localPorts }) => localPorts.map(({ id, ofPort }) => [id, ofPort]))),
    tunnels: plan.tunnels,
  };
}
