import type { LocalVlan, Uuid } from "@loomstack/core";
import { recordedVlans, tunnelPortName } from "../compile/desired-bridges.ts";
import type { Encapsulation } from "../compile/plan.ts";
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

/** What either refers to: while flows change from one to the other, they may refer to both. */
export function heldByBoth(a: Held, b: Held): Held {
  if (a === b) return a;
  return { networks: a.networks.union(b.networks), encapsulations: a.encapsulations.union(b.encapsulations) };
}

/** Whether `after` lets go of something that `before` held. */
export function letsGo(before: Held, after: Held): boolean {
  if (before === after) return false;
  return !before.networks.isSubsetOf(after.networks) || !before.encapsulations.isSubsetOf(after.encapsulations);
}

/** The local VLANs that br-int records. */
export function vlansOf(bridges: ReadonlyMap<string, ObservedBridge>): Map<Uuid, LocalVlan> {
  return recordedVlans(bridges.get("br-int")?.row.external_ids ?? new Map<string, string>());
}

function presentTunnels(bridges: ReadonlyMap<string, ObservedBridge>): Set<Encapsulation> {
  const ports = bridges.get("br-tun")?.ports;
  return new Set((["vxlan", "gre"] as const).filter((encapsulation) => ports?.has(tunnelPortName(encapsulation))));
}
