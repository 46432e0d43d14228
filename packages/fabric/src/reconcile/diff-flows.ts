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
 */
export function diffFlows(desired: FlowSet, observed: FlowSet): FlowChange[] {
  const changes: FlowChange[] = [];
  for (const [key, flow] of desired) {
    if (observed.get(key)?.fingerprint !== flow.fingerprint) changes.push({ key, command: "add", flow });
  }
  for (const [key, flow] of observed) {
    if (!desired.has(key)) changes.push({ key, command: "delete-strict", flow });
  }
  return changes;
}
