import type { LocalVlan, TunnelKey, Uuid } from "@loomstack/core";

const first = 1;
const last = 4094;

/**
 * The local VLANs of one hypervisor, computed from those that its br-int already records: a network keeps its VLAN for
 * as long as it is `present` or
 * `held` (its flows may still be there), a new one gets the one that its tunnel key asks for, or the next that is free.
 * So a network mostly has the same VLAN on all hypervisors, and they share its flows.
 *
 * @param present with their tunnel keys
 * @returns the assignment, and the networks for which none of the 4,094 VLANs was left
 */
export function assignLocalVlans(
  recorded: ReadonlyMap<Uuid, LocalVlan>,
  present: ReadonlyMap<Uuid, TunnelKey>,
  held: ReadonlySet<Uuid>,
): { readonly vlans: Map<Uuid, LocalVlan>; readonly unassigned: readonly Uuid[] } {
  const vlans = new Map([...recorded].filter(([network]) => present.has(network) || held.has(network)));
  const used = new Set<number>(vlans.values());
  const give = (network: Uuid, vlan: number): void => {
    vlans.set(network, vlan as LocalVlan);
    used.add(vlan);
  };
  const fresh = [...present].filter(([network]) => !vlans.has(network)).sort(([a], [b]) => (a < b ? -1 : 1));
  const displaced: (typeof fresh)[number][] = [];
  for (const [network, key] of fresh) {
    if (used.has(askedFor(key))) displaced.push([network, key]);
    else give(network, askedFor(key));
  }
  const unassigned: Uuid[] = [];
  for (const [network, key] of displaced) {
    if (used.size >= last) {
      unassigned.push(network);
      continue;
    }
    let candidate = askedFor(key);
    while (used.has(candidate)) candidate = (candidate % last) + 1;
    give(network, candidate);
  }
  return { vlans, unassigned };
}

/** Keys are given out in turn, so that networks of one time ask for different VLANs. */
function askedFor(key: TunnelKey): number {
  return first + ((key - 1) % last);
}

/**
 * The local VLANs that count: those that we know of, and of the `recorded` ones those that are not in conflict with
 * them. Somebody else's change of the record moves no network to another VLAN.
 */
export function withRecorded(
  known: ReadonlyMap<Uuid, LocalVlan> | undefined,
  recorded: ReadonlyMap<Uuid, LocalVlan>,
): Map<Uuid, LocalVlan> {
  const vlans = new Map(known);
  const used = new Set<number>(vlans.values());
  for (const [network, vlan] of recorded) if (!vlans.has(network) && !used.has(vlan)) vlans.set(network, vlan);
  return vlans;
}
