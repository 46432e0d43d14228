import type { Uuid } from "@loomstack/core";
import type { StaticFlow, StaticFlowStatus, SwitchStatus } from "@loomstack/model";
import { missingPorts } from "./flow-outputs.ts";
import type { SwitchSession } from "./switch-session.ts";
import type { WantedFlow, WantedFlows } from "./wanted-flows.ts";

type FlowCondition = Pick<StaticFlowStatus, "state" | "reason">;

/** What a plain switch is like at the moment. */
export interface SwitchView {
  readonly wanted: WantedFlows;
  /** Undefined while it isn't connected. */
  readonly session: SwitchSession | undefined;
  /** In words: why the switch is as it is. */
  readonly reason: string;
}

/** A flow in the words of the northbounds. */
export function flowStatus(flow: StaticFlow, view: SwitchView): StaticFlowStatus {
  const { id, tableId: table, priority, match, actions, revision } = flow;
  const condition = conditionOf(view.wanted.get(id), view);
  return { id, table, priority, match, actions, revision, ...condition, warnings: warnings(id, view) };
}

/** How many flows the switch should hold, and of them holds or has refused. */
export function flowTally(view: SwitchView): SwitchStatus["flows"] {
  const { wanted } = view;
  const states = wanted.ids.map((id) => conditionOf(wanted.get(id), view).state);
  const count = (state: StaticFlowStatus["state"]): number => states.filter((one) => one === state).length;
  return { wanted: states.length, installed: count("installed"), refused: count("refused") };
}

/** Whether a flow is in place, and if not, why. @param wanted undefined where nobody has heard of it yet */
function conditionOf(wanted: WantedFlow | undefined, { session, reason }: SwitchView): FlowCondition {
  if (wanted === undefined) return { state: "pending", reason: "it was only just asked for" };
  if ("problem" in wanted) return { state: "refused", reason: wanted.problem };
  if (session === undefined) return { state: "not-connected", reason: `the switch isn't connected: ${reason}` };
  const target = session.observed?.flows;
  if (target?.holds(wanted.flow) === true) return { state: "installed", reason: "the switch holds it" };
  const obstacle = target?.obstacle(wanted.flow);
  return obstacle === undefined ? { state: "pending", reason } : { state: "refused", reason: obstacle };
}

function warnings(id: Uuid, { wanted, session }: SwitchView): string[] {
  const one = wanted.get(id);
  if (one === undefined || "problem" in one || session === undefined) return [];
  return missingPorts(one.flow, session.connection.ports).map((port) => `the switch has no port ${port} at present`);
}
