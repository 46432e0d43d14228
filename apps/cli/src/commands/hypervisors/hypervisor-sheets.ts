import type { HypervisorsAnswer } from "@loomstack/api";
import type { Sheet } from "../../render/sheet.ts";
import { type Cell, sheetOf } from "../switches/answer-text.ts";

type Hypervisor = HypervisorsAnswer["hypervisors"][number];

/** One row for each hypervisor; drift is how many things of ours were put back since the controller started. */
export function hypervisorsSheet(hypervisors: readonly Hypervisor[]): Sheet {
  const headings = ["Hypervisor", "State", "Address", "Realised", "Flows", "Drift", "Reason"];
  return sheetOf(
    headings,
    hypervisors.map(({ key, state, node, realised, bridges, counters, reason }) => {
      const flows = bridges.reduce((sum, bridge) => sum + bridge.flows, 0);
      return [key, state, addressOf(node), realised, flows, counters.driftRepaired, reason];
    }),
  );
}

function addressOf({ address, port }: Hypervisor["node"]): string {
  return address === null || port === null ? "dials in" : `${address}:${port}`;
}

/** What a hypervisor is, its bridges, and what was put back on it. */
export function hypervisorSheets(shown: Hypervisor): readonly Sheet[] {
  const { node, bridges, counters, drift } = shown;
  const properties: readonly (readonly Cell[])[] = [
    ["state", `${shown.state}: ${shown.reason}`],
    ["address", addressOf(node)],
    ["connection", shown.connection],
    ["certificate", shown.certificate],
    ["system-id", shown.systemId],
    ["tunnel endpoint", shown.tunnelEndpoint],
    ["realised", shown.realised],
    ["flow messages sent", counters.flowModsSent],
  ];
  return [
    sheetOf(["Property", "Value"], properties, `Hypervisor ${shown.key}`),
    sheetOf(
      ["Bridge", "Datapath Id", "Connected", "Flows"],
      bridges.map(({ name, dpid, connected, flows }) => [name, dpid, connected, flows]),
      "Bridges",
    ),
    sheetOf(["Put Back", "Times"], Object.entries(drift), `Drift: ${counters.driftRepaired} things were put back`),
  ];
}
