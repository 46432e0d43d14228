import type { OfPort } from "@loomstack/core";
import { type Action, type Flow, isMasked, Port } from "@loomstack/openflow";

/** The ports that a flow names and that aren't among `ports`; reserved ones are everywhere. */
export function missingPorts(flow: Flow, ports: ReadonlyMap<OfPort, unknown>): readonly OfPort[] {
  const { inPort } = flow.match;
  const matched = inPort === undefined ? [] : [isMasked(inPort) ? inPort.value : inPort];
  const named = [...matched, ...flow.instructions.flatMap(outputs)];
  return [...new Set(named)].filter((port) => port < Port.max && !ports.has(port));
}

function outputs(instruction: Flow["instructions"][number]): readonly OfPort[] {
  if (instruction.kind !== "applyActions" && instruction.kind !== "writeActions") return [];
  return outputsOf(instruction.actions);
}

function outputsOf(actions: readonly Action[]): readonly OfPort[] {
  return actions.flatMap((action) => {
    if (action.kind === "output" || action.kind === "outputTrunc") return [action.port];
    return action.kind === "clone" ? outputsOf(action.actions) : [];
  });
}
