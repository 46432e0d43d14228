import type { LocalVlan, Uuid } from "@loomstack/core";

const first = 1;
const last = 4094;

/**
 * The local VLANs of one hypervisor, computed from those that its br-int already records: a network keeps its VLAN for
 * as long as it is `present` or
 * `held` (its flows may still be there), a new one gets the lowest that is free.
 *
 * @returns the assignment, and the networks for which none of the 4,094 VLANs was left
 */
export function assignLocalVlans(
  recorded: ReadonlyMap<Uuid, LocalVlan>,
  present: ReadonlySet<Uuid>,
  held: ReadonlySet<Uuid>,
): { readonly vlans: Map<Uuid, LocalVlan>; readonly unassigned: readonly Uuid[] } {
  const vlans = new Map([...recorded].filter(([network]) => present.has(network) || held.has(network)));
  const used = new Set<number>(vlans.values());
  const unassigned: Uuid[] = [];
  let candidate = first;
  for (const network of [...present].sort()) {
    if (vlans.has(network)) continue;
    while (used.has(candidate)) candidate += 1;
    if (candidate > last) {
      unassigned.push(network);
      continue;
    }
    vlans.set(network, candidate as LocalVlan);
    used.add(candidate);
  }
  return { vlans, unassigned };
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
