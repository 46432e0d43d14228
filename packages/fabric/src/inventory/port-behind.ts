import type { OfPort, Uuid } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";
import { isMasked, type PacketIn } from "@loomstack/openflow";
import type { Placement } from "../intent/placement.ts";
import { registers } from "../pipeline/registers.ts";

export interface PortsBehind {
  readonly intent: Intent;
  readonly placement: Placement;
  readonly hypervisors: {
    /** `portAt` gives the port whose interface has an OpenFlow port on br-int. */
    get(key: string): { portAt(ofPort: OfPort): Uuid | undefined } | undefined;
  };
}

/**
 * The port that a packet shown by br-int of a hypervisor came from, as intent has it there, too: one that works, and
 * that is on this hypervisor or on its way to it.
 */
export function portBehind(
  { intent, placement, hypervisors }: PortsBehind,
  key: string,
  { match: { inPort } }: PacketIn,
): { readonly ofPort: OfPort; readonly port: Port } | undefined {
  if (inPort === undefined || isMasked(inPort)) return undefined;
  const id = hypervisors.get(key)?.portAt(inPort);
  const place = id && placement.placeOf(id);
  const port = id && intent.ports.get(id);
  if (port === undefined || (place?.hypervisor !== key && place?.arrivingAt !== key)) return undefined;
  return { ofPort: inPort, port };
}

/** The network, of those on a hypervisor, that a packet shown by its br-int is of. */
export function networkBehind(
  { intent, placement }: Pick<PortsBehind, "intent" | "placement">,
  key: string,
  { match }: PacketIn,
): Uuid | undefined {
  const tunnelKey = match[registers.network.field];
  if (tunnelKey === undefined || isMasked(tunnelKey)) return undefined;
  for (const id of placement.networksAt(key)) if (intent.networks.get(id)?.tunnelKey === tunnelKey) return id;
  return undefined;
}
