/**
 * What flows depend on besides the part that they are for: the hypervisor's own ports, and what the network is there.
 * Each as one text, the same for those that no feature can tell apart.
 */
import type { PlannedHypervisor, PlannedNetwork } from "./plan.ts";

/** A member that is added to a hypervisor has to be told here, too: without it this doesn't compile. */
const memberTexts: { readonly [Member in keyof PlannedHypervisor]-?: (hypervisor: PlannedHypervisor) => string } = {
  patch: ({ patch }) => `${patch.onInt}-${patch.onTun}`,
  tunnels: ({ tunnels }) =>
    [...tunnels]
      .map(([encapsulation, ofPort]) => `${encapsulation}=${ofPort}`)
      .sort()
      .join(","),
  advertisesNeighbours: ({ advertisesNeighbours }) => String(advertisesNeighbours),
};

const hypervisors = new WeakMap<PlannedHypervisor, string>();
const networks = new WeakMap<PlannedNetwork, string>();

export function hypervisorSetting(hypervisor: PlannedHypervisor): string {
  const known = hypervisors.get(hypervisor);
  if (known !== undefined) return known;
  const text = Object.values(memberTexts)
    .map((textOf) => textOf(hypervisor))
    .join(" ");
  hypervisors.set(hypervisor, text);
  return text;
}

/** Whether networks differ in nothing, or in whether addresses are kept from ports here. */
export function isSameButKeeping(a: PlannedNetwork, b: PlannedNetwork): boolean {
  if (a.keepsAddresses === b.keepsAddresses) return networkSetting(a) === networkSetting(b);
  return networkSetting({ ...a, keepsAddresses: true }) === networkSetting({ ...b, keepsAddresses: true });
}

export function networkSetting(network: PlannedNetwork): string {
  const known = networks.get(network);
  if (known !== undefined) return known;
  const text = JSON.stringify(Object.entries(network).sort(([one], [other]) => (one < other ? -1 : 1)));
  networks.set(network, text);
  return text;
}
