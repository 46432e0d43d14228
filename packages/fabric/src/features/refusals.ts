import { isProviderNetwork } from "../compile/plan.ts";
import { plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { portSecurity, refused } from "../pipeline/tables.ts";
import type { Feature } from "./feature.ts";

const name = "refusals";

/** One flow for each port counts what other tables refuse it, whatever the reason; the table itself counts all of them. */
export const refusals: Feature = {
  name,
  doc: "What a port may not send is dropped where it is counted for the port.",
  hypervisor: () => [
    plannedFlow({
      ...{ table: portSecurity, priority: priority.miss, match: {}, goto: "refused", feature: name, owner: "pipeline" },
      why: "no flow of the port's has these addresses",
    }),
  ],
  localPort: (_hypervisor, network, port) =>
    // Where port security is off, only the tag of a provider network is refused.
    port.portSecurityEnabled || isProviderNetwork(network)
      ? [
          plannedFlow({
            ...{ table: refused, priority: priority.exact, match: { inPort: port.ofPort }, feature: name },
            owner: `port ${port.id}`,
            why: "what the port may not send ends here, and is counted",
          }),
        ]
      : [],
};
