import { Port } from "@loomstack/openflow";
import { plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { decapsulate } from "../pipeline/tables.ts";
import { probeKey, probeLength } from "../paths/probe-packet.ts";
import type { Feature } from "./feature.ts";
import { etherType } from "../packets/protocol-numbers.ts";

const name = "path-probe";

export const pathProbe: Feature = {
  name,
  doc: "A probe that reached this hypervisor through a tunnel is shown to the controller: the path works, and the next packet won't wait for address resolution.",
  hypervisor: ({ tunnels }) =>
    [...tunnels.values()].map((tunnel) =>
      plannedFlow({
        table: decapsulate,
        priority: priority.exact,
        match: { inPort: tunnel, tunnelId: BigInt(probeKey), ethType: etherType.localExperimental },
        actions: [{ kind: "output", port: Port.controller, maxLen: probeLength }],
        feature: name,
        owner: "pipeline",
        why: "the controller sent a probe through this tunnel",
      }),
    ),
};
