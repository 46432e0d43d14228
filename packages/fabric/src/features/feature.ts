import type { HypervisorPlan } from "../compile/plan.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";

/**
 * A feature is one file of pure functions from what a hypervisor has to know to flows. There is no code to install or
 * to remove anything: a change of intent gives a different set of flows, and the difference is what is sent.
 */
export interface Feature {
  readonly name: string;
  /** One sentence for people. */
  readonly doc: string;
  flows(plan: HypervisorPlan): PlannedFlow[];
}

/** EtherTypes (IEEE 802 numbers). */
export const etherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, localExperimental: 0x88b5 } as const;

/** `vlan_vid` as OpenFlow has it on the wire: OFPVID_PRESENT and the VLAN id (OpenFlow 1.3.5, 7.2.3.7). */
export function vlanVid(vlan: number): number {
  return 0x1000 | vlan;
}
