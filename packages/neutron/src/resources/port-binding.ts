/** Where a port is to be plugged in, and how: what Nova and its like ask for before they start a guest. */
import type { HypervisorStatus, Port } from "@loomstack/model";
import { z } from "zod";

/** Bytes of JSON that a client may keep with a port. */
const profileLimit = 4_096;

/** Kept as the text of a JSON object. */
export const bindingProfile = z
  .record(z.string(), z.unknown())
  .nullable()
  .transform((profile) => JSON.stringify(profile ?? {}))
  .refine((text) => text.length <= profileLimit, `it is larger than ${profileLimit} characters`);

export const vnicType = z.literal("normal", { error: "a port is plugged in by a tap interface: 'normal'" });

/** How a guest's interface is plugged in, in the words of Nova's os-vif. */
export interface Vif {
  readonly type: "ovs" | "unbound" | "binding_failed";
  readonly details: Readonly<Record<string, unknown>>;
}

/** By Open vSwitch's integration bridge, on a host that is a hypervisor of ours by its name or its system-id. */
export function vifOf({ hostId }: Pick<Port, "hostId">, hypervisors: readonly HypervisorStatus[]): Vif {
  if (hostId === "") return { type: "unbound", details: {} };
  const host = hypervisors.find(({ node, systemId }) => node.id === hostId || systemId === hostId);
  if (host === undefined) return { type: "binding_failed", details: {} };
  return {
    type: "ovs",
    details: { bridge_name: "br-int", port_filter: true, ovs_hybrid_plug: false, connectivity: "l2" },
  };
}
