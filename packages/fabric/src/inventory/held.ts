import type { LocalVlan, Uuid } from "@loomstack/core";
import { recordedVlans, tunnelPortName } from "../compile/desired-bridges.ts";
import type { Encapsulation, HypervisorPlan } from "../compile/plan.ts";
import type { ObservedBridge } from "./observed-bridges.ts";

/** What flows of a hypervisor may refer to: local VLANs and tunnels are not given up before the flows are gone. */
export interface Held {
  readonly networks: ReadonlySet<Uuid>;
  readonly encapsulations: ReadonlySet<Encapsulation>;
}

/** Everything that is there: before we have set flows ourselves, they may refer to any of it. */
export function everythingPresent(bridges: ReadonlyMap<string, ObservedBridge>): Held {
  return { networks: new Set(vlansOf(bridges).keys()), encapsulations: presentTunnels(bridges) };
}

/** What the flows of `plan` refer to. */
export function heldBy(plan: HypervisorPlan): Held {
  return { networks: new Set(plan.networks.map(({ id }) => id)), encapsulations: new Set(plan.tunnels.keys()) };
}

/** Whether the hypervisor has local VLANs or tunnels that no flow needs. */
export function isMoreThanHeld(bridges: ReadonlyMap<string, ObservedBridge>, held: Held): boolean {
  return (
    !new Set(vlansOf(bridges).keys()).isSubsetOf(held.networks) ||
    !presentTunnels(bridges).isSubsetOf(held.encapsulations)
  );
}

/** The local VLANs that br-int records. */
export function vlansOf(bridges: ReadonlyMap<string, ObservedBridge>): Map<Uuid, LocalVlan> {
  return recordedVlans(bridges.get("br-int")?.row.external_ids ?? new Map<string, string>());
}

function presentTunnels(bridges: ReadonlyMap<string, ObservedBridge>): Set<Encapsulation> {
  const ports = bridges.get("br-tun")?.ports;
  return new Set((["vxlan", "gre"] as const).filter((encapsulation) => ports?.has(tunnelPortName(encapsulation))));
}
