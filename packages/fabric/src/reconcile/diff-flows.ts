import { type Flow, flowFingerprint, flowKey } from "@loomstack/openflow";

/** A set of flows of one switch by their identity (table, priority and match). */
export type FlowSet = ReadonlyMap<string, KeyedFlow>;

export interface KeyedFlow {
  readonly flow: Flow;
  /** What counts beside the identity: cookie and instructions. */
  readonly fingerprint: string;
}

export function keyedFlows(flows: Iterable<Flow>): Map<string, KeyedFlow> {
  const set = new Map<string, KeyedFlow>();
  for (const flow of flows) set.set(flowKey(flow), { flow, fingerprint: flowFingerprint(flow) });
  return set;
}

/** One step from observed to desired. */
export interface FlowChange {
  readonly key: string;
  readonly command: "add" | "delete-strict";
  readonly flow: KeyedFlow;
}

/**
 * What turns `observed` into `desired`, additions first. An addition replaces a flow of the same identity (OpenFlow
 * 1.3.5, 6.4). `observed` holds only flows that are ours to remove.
 *
 * @param keys the identities where they may differ; default: all
 */
export function diffFlows(
  desired: FlowSet,
  observed: FlowSet,
  keys: Iterable<string> = new Set([...desired.keys(), ...observed.keys()]),
): FlowChange[] {
  const additions: FlowChange[] = [];
  const removals: FlowChange[] = [];
  for (const key of keys) {
    const [wanted, present] = [desired.get(key), observed.get(key)];
    if (wanted !== undefined && wanted.fingerprint !== present?.fingerprint)
      additions.push({ key, command: "add", flow: wanted });
    if (wanted === undefined && present !== undefined) removals.push({ key, command: "delete-strict", flow: present });
  }
  return [...additions, ...removals];
}
