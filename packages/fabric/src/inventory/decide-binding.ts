import type { Uuid } from "@loomstack/core";
import type { PortLocation } from "@loomstack/model";

/** Which interfaces the hypervisors that can be seen now have, by hypervisor key. */
export type Sightings = ReadonlyMap<string, ReadonlySet<Uuid>>;

/**
 * Where a port is. It stays where it was bound for as long as its interface is seen there, or nobody sees it anywhere
 * new while its hypervisor is out of sight: a hypervisor that we lost keeps forwarding. To another hypervisor that has
 * the interface as well (live migration) the port is on its way: it moves when the first one lets go.
 *
 * @returns undefined when the port is nowhere
 */
export function decideBinding(
  port: Uuid,
  before: PortLocation | undefined,
  sightings: Sightings,
): PortLocation | undefined {
  const isSeenAt = (key: string): boolean => sightings.get(key)?.has(port) === true;
  const known = [before?.nodeKey, before?.arrivingAt].filter((key) => key !== undefined);
  const kept = known.filter((key) => isSeenAt(key) || !sightings.has(key));
  if (kept.length === 2) return before;
  const news = [...sightings.keys()].filter((key) => isSeenAt(key) && !known.includes(key)).sort();
  const [nodeKey, arrivingAt] = new Set([...kept.filter(isSeenAt), ...news, ...kept]);
  if (nodeKey === undefined) return undefined;
  return arrivingAt === undefined || !isSeenAt(arrivingAt) ? { nodeKey } : { nodeKey, arrivingAt };
}
