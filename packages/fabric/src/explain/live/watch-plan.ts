/** Which tables are watched while a packet is traced live: those of every hypervisor that it may meet. */
import type { Intent, TraceStep } from "@loomstack/model";
import { type BridgeName, bridgeNames, forward, pipeline } from "../../pipeline/tables.ts";
import type { FullTrace, TraceStart } from "../packet-trace.ts";
import type { Watched } from "./mark.ts";
import type { WatchPlace } from "./watching-flows.ts";

export interface WatchRequest {
  readonly intent: Intent;
  readonly traced: FullTrace;
  readonly start: TraceStart;
  readonly watched: readonly Watched[];
  readonly deliver: boolean;
}

/** Where the packet is expected by what the switches hold, where its receiver is, and where it is sent from. */
export function hypervisorsOf({ intent, traced: { sent, trace }, start }: Omit<WatchRequest, "watched" | "deliver">) {
  const home = sent.goal === undefined ? undefined : intent.bindings.get(sent.goal)?.nodeKey;
  const met = trace.steps.map(({ hypervisor }) => hypervisor);
  return new Set([start.hypervisor, ...met, ...(home === undefined ? [] : [home])]);
}

export function watchPlan(request: WatchRequest): WatchPlace[] {
  const { intent, traced, watched, deliver } = request;
  const goal = traced.sent.goal;
  const home = goal === undefined ? undefined : intent.bindings.get(goal)?.nodeKey;
  return [...hypervisorsOf(request)].flatMap((hypervisor) =>
    bridgeNames.flatMap((bridge) =>
      tablesOf(traced.trace.steps, hypervisor, bridge).flatMap((tableId) =>
        watched.map((one) => ({
          ...{ hypervisor, bridge, tableId, watched: one },
          isLast:
            !deliver && one.what === "packet" && hypervisor === home && bridge === "br-int" && tableId === forward.id,
        })),
      ),
    ),
  );
}

/** Those of the pipeline, and those of others that the packet is expected in. */
function tablesOf(steps: readonly TraceStep[], hypervisor: string, bridge: BridgeName): readonly number[] {
  const own = pipeline.filter((table) => table.bridge === bridge).map(({ id }) => id);
  const met = steps.filter((step) => step.hypervisor === hypervisor && step.bridge === bridge);
  const others = met.map(({ table }) => Number(table)).filter((id) => Number.isInteger(id));
  return [...new Set<number>([...own, ...others])];
}
