import type { LocalVlan, Uuid } from "@loomstack/core";
import { overlayTypes } from "@loomstack/model";
import { recordedVlans, tunnelPortName } from "../compile/desired-bridges.ts";
import type { Encapsulation } from "../compile/plan.ts";
import type { ObservedBridge } from "./observed-bridges.ts";
import { nearUplinkEnds } from "./uplinks.ts";

/** What flows of a hypervisor may refer to: it is not given up before the flows are gone. */
export interface Held {
  /** Those that have local VLANs. */
  readonly networks: ReadonlySet<Uuid>;
  /** Those that have tunnel ports. */
  readonly encapsulations: ReadonlySet<Encapsulation>;
  /** The physical networks that br-int has patches to. */
  readonly uplinks: ReadonlySet<string>;
}

/** Everything that is there: before we have set flows ourselves, they may refer to any of it. */
export function everythingPresent(bridges: ReadonlyMap<string, ObservedBridge>): Held {
  return {
    networks: new Set(vlansOf(bridges).keys()),
    encapsulations: presentTunnels(bridges),
    uplinks: new Set(nearUplinkEnds(bridges).keys()),
  };
}

/** What either refers to: while flows change from one to the other, they may refer to both. */
export function heldByBoth(a: Held, b: Held): Held {
  if (a === b) return a;
  return {
    networks: a.networks.union(b.networks),
    encapsulations: a.encapsulations.union(b.encapsulations),
    uplinks: a.uplinks.union(b.uplinks),
  };
}

/** Whether `after` lets go of something that `before` held. */
export function letsGo(before: Held, after: Held): boolean {
  if (before === after) return false;
  return (
    !before.networks.isSubsetOf(after.networks) ||
    !before.encapsulations.isSubsetOf(after.encapsulations) ||
    !before.uplinks.isSubsetOf(after.uplinks)
  );
}

/** The local VLANs that br-int records. */
export function vlansOf(bridges: ReadonlyMap<string, ObservedBridge>): Map<Uuid, LocalVlan> {
  return recordedVlans(bridges.get("br-int")?.row.external_ids ?? new Map<string, string>());
}

function presentTunnels(bridges: ReadonlyMap<string, ObservedBridge>): Set<Encapsulation> {
  const ports = bridges.get("br-tun")?.ports;
  return new Set(overlayTypes.filter((encapsulation) => ports?.has(tunnelPortName(encapsulation))));
}
