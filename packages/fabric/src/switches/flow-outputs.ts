import type { OfPort } from "@loomstack/core";
import { type Action, type Flow, isMasked, Port } from "@loomstack/openflow";

/** The ports that a flow names and that aren't among `ports`; reserved ones are everywhere. */
export function missingPorts(flow: Flow, ports: ReadonlyMap<OfPort, unknown>): readonly OfPort[] {
  const { inPort } = flow.match;
  const matched = inPort === undefined ? [] : [isMasked(inPort) ? inPort.value : inPort];
  const named = [...matched, ...outputs(flow)];
  return [...new Set(named)].filter((port) => port < Port.max && !ports.has(port));
}

/** Whether the switch is to send packets of the flow to its controllers. */
export function isPunting(flow: Flow): boolean {
  return outputs(flow).includes(Port.controller);
}

function outputs({ instructions }: Flow): readonly OfPort[] {
  return instructions.flatMap((instruction) =>
    instruction.kind === "applyActions" || instruction.kind === "writeActions" ? outputsOf(instruction.actions) : [],
  );
}

function outputsOf(actions: readonly Action[]): readonly OfPort[] {
  return actions.flatMap((action) => {
    if (action.kind === "output" || action.kind === "outputTrunc") return [action.port];
    if (puntingKinds.has(action.kind)) return [Port.controller];
    return action.kind === "clone" ? outputsOf(action.actions) : [];
  });
}

/** What sends a packet to the controllers besides an output. */
const puntingKinds: ReadonlySet<string> = new Set<Action["kind"]>(["controller", "controller2", "decNwTtlControllers"]);
