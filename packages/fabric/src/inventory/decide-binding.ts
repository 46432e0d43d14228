import type { Uuid } from "@loomstack/core";

/** Which interfaces the hypervisors that can be seen now have, by hypervisor key. */
export type Sightings = ReadonlyMap<string, ReadonlySet<Uuid>>;

/**
 * Which hypervisor a port is on. It stays where it was bound for as long as its interface is seen there, or nobody sees
 * it anywhere while its hypervisor is out of sight: a hypervisor that we lost keeps forwarding. An interface that two
 * hypervisors have (live migration) moves when the first one lets go.
 *
 * @returns a hypervisor's key, or undefined when the port is nowhere
 */
export function decideBinding(port: Uuid, bound: string | undefined, sightings: Sightings): string | undefined {
  if (bound !== undefined && sightings.get(bound)?.has(port)) return bound;
  const seenAt = [...sightings].filter(([, ports]) => ports.has(port)).map(([key]) => key);
  const first = seenAt.sort()[0];
  if (first !== undefined) return first;
  return bound !== undefined && !sightings.has(bound) ? bound : undefined;
}
