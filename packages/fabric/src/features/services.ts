import { Port, wholePacket } from "@loomstack/openflow";
import { type FlowDraft, type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { services as table } from "../pipeline/tables.ts";
import type { Feature } from "./feature.ts";

const name = "services";

export const services: Feature = {
  name,
  doc: "What a port asks of the network itself is shown to the controller, and answered by it; everything else goes on.",
  hypervisor: () => [
    plannedFlow({
      table,
      priority: priority.miss,
      match: {},
      goto: "forward",
      feature: name,
      owner: "pipeline",
      why: "not a question for the network itself",
    }),
  ],
};

/** A flow that shows questions to the controller, whole: one of the services answers them. */
export function shown(draft: Pick<FlowDraft<typeof table>, "match" | "feature" | "owner" | "why">): PlannedFlow {
  return plannedFlow({
    table,
    priority: priority.exact,
    actions: [{ kind: "output", port: Port.controller, maxLen: wholePacket }],
    ...draft,
  });
}
