import { isLoomstackError, LoomstackError, type OfPort } from "@loomstack/core";
import { type Flow, parseFlow } from "@loomstack/openflow";
import { type BridgeName, bridgeNames, pipeline } from "../pipeline/tables.ts";
import type { ExplainedHypervisor } from "./explained-hypervisor.ts";
import { type HeldPorts, heldPorts } from "./held-hypervisor.ts";

/** The flow that a text stands for on a bridge; undefined where it stands for none. */
export type FlowReading = (hypervisor: ExplainedHypervisor, bridge: BridgeName) => Flow | undefined;

/**
 * Reads the text of a flow. With names in it, it means what the names stand for on each bridge.
 *
 * @throws OPENFLOW__INVALID_TEXT where it stands for a flow on none
 */
export function readFlow(hypervisors: readonly ExplainedHypervisor[], text: string): FlowReading {
  const plain = attempt(() => parseFlow(text, { consistent: false }));
  if (!(plain instanceof LoomstackError)) return () => plain;
  const named = new Map<string, Flow>();
  for (const { key, observed } of hypervisors) {
    const ports = heldPorts(observed?.bridges ?? new Map<string, never>());
    for (const bridge of bridgeNames) {
      const flow = attempt(() => parseFlow(text, { consistent: false, names: readNames(bridge, ports.get(bridge)) }));
      if (!(flow instanceof LoomstackError)) named.set(`${key} ${bridge}`, flow);
    }
  }
  if (named.size === 0) throw plain;
  return ({ key }, bridge) => named.get(`${key} ${bridge}`);
}

function readNames(bridge: BridgeName, ports: HeldPorts = new Map()) {
  return {
    table: (name: string): number | undefined =>
      pipeline.find((table) => table.bridge === bridge && table.name === name)?.id,
    port: (name: string): OfPort | undefined => [...ports].find(([, port]) => port.name === name)?.[0],
  };
}

function attempt<Value>(read: () => Value): Value | LoomstackError {
  try {
    return read();
  } catch (error) {
    if (isLoomstackError(error)) return error;
    throw error;
  }
}
