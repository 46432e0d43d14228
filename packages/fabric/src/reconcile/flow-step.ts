import { type Flow, flowMod, type FlowMod, formatFlow } from "@loomstack/openflow";
import type { FlowHashes, PlannedFlow } from "../pipeline/planned-flow.ts";

/** One flow that is added, or taken away. */
export interface FlowStep {
  readonly key: string;
  readonly command: "add" | "delete-strict";
  readonly flow: Flow;
  readonly mod: FlowMod;
  /** Of an addition. */
  readonly hashes?: FlowHashes;
}

export function additionOf({ key, hashes, flow, addition: mod }: PlannedFlow): FlowStep {
  return { key, hashes, command: "add", flow, mod };
}

export function removalOf(key: string, flow: Flow): FlowStep {
  return { key, command: "delete-strict", flow, mod: flowMod("delete-strict", flow) };
}

/** No packet is to meet a gap. */
export function additionsFirst(steps: readonly FlowStep[]): FlowStep[] {
  const isAddition = ({ command }: FlowStep): boolean => command === "add";
  return [...steps.filter(isAddition), ...steps.filter((step) => !isAddition(step))];
}

/** What others did to a flow that had been right, in words. */
export function repairText({ command, flow }: FlowStep): string {
  return `${formatFlow(flow)} was ${command === "add" ? "changed or deleted" : "added"}`;
}
