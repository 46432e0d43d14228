/** The metrics of hypervisors, their bridges and plain switches. Ports have none: there are too many of them. */
import { type BridgeStatus, driftKinds, type HypervisorStatus, type SwitchStatus } from "@loomstack/model";
import { familiesOf, type ReadFamily, type Row } from "./read-family.ts";

/** Its database can be seen in all other states. */
const unseen: readonly HypervisorStatus["state"][] = ["connecting", "lost"];
const states: readonly HypervisorStatus["state"][] = ["connecting", "preparing", "ready", "lost", "refused"];

const hypervisorRows: readonly Row<HypervisorStatus>[] = [
  [
    "loomstack_hypervisor_ready",
    "Whether its bridges and flows are what they should be.",
    (of) => of.state === "ready",
  ],
  ["loomstack_hypervisor_ovsdb_up", "Whether its database is connected.", (of) => !unseen.includes(of.state)],
  ["loomstack_hypervisor_realised_revision", "Revision that it has confirmed.", (of) => of.realised],
  [
    "loomstack_hypervisor_ovsdb_connections_total",
    "How often its database was connected: reconnects, and one.",
    (of) => of.counters.ovsdbConnections,
  ],
  [
    "loomstack_hypervisor_openflow_connections_total",
    "How often one of its bridges was connected.",
    (of) => of.counters.openflowConnections,
  ],
  ["loomstack_hypervisor_rounds_total", "Rounds of reconciling.", (of) => of.counters.rounds],
  ["loomstack_hypervisor_rounds_failed_total", "Rounds that failed.", (of) => of.counters.roundsFailed],
  ["loomstack_hypervisor_flow_mods_total", "Flow mods sent to its bridges.", (of) => of.counters.flowModsSent],
  ["loomstack_hypervisor_ovsdb_transactions_total", "OVSDB transactions sent.", (of) => of.counters.ovsdbTransactions],
  [
    "loomstack_hypervisor_punts_total",
    "Packets that its bridges have sent to the controller.",
    (of) => of.counters.packetsPunted,
  ],
  [
    "loomstack_hypervisor_punts_dropped_total",
    "Of these those that found too many others waiting.",
    (of) => of.counters.puntsDropped,
  ],
];

const refusalFamilies = familiesOf<bigint>(
  ["hypervisor"],
  [
    [
      "loomstack_hypervisor_port_security_drops_total",
      "Packets that its ports have sent and weren't allowed to, as its br-int counts them; nothing while that doesn't answer.",
      Number,
    ],
  ],
  ({ controller }) => [...(controller?.refusals ?? [])].map(([key, count]) => [[key], count] as const),
);

export const hypervisorFamilies: readonly ReadFamily[] = [
  ...familiesOf<number>(
    ["state"],
    [["loomstack_hypervisors", "Hypervisors in each state.", (number) => number]],
    ({ controller }) =>
      controller === undefined
        ? []
        : states.map((state) => [[state], controller.hypervisors.filter((of) => of.state === state).length]),
  ),
  ...familiesOf<number>(
    ["hypervisor", "kind"],
    [
      [
        "loomstack_hypervisor_drift_repaired_total",
        "Things of ours that others had changed, and that were put back, by kind.",
        (count) => count,
      ],
    ],
    ({ controller }) =>
      (controller?.hypervisors ?? []).flatMap(({ key, drift }) =>
        driftKinds.map((kind) => [[key, kind], drift[kind]] as const),
      ),
  ),
  ...refusalFamilies,
  ...familiesOf(["hypervisor"], hypervisorRows, ({ controller }) =>
    (controller?.hypervisors ?? []).map((of) => [[of.key], of]),
  ),
];

export const bridgeFamilies: readonly ReadFamily[] = familiesOf<BridgeStatus>(
  ["hypervisor", "bridge"],
  [
    ["loomstack_bridge_openflow_up", "Whether it is connected and its flows are known.", ({ connected }) => connected],
    ["loomstack_bridge_flows", "Flows of ours that it holds.", ({ flows }) => flows],
    ["loomstack_bridge_flows_desired", "Flows that it should hold.", ({ desiredFlows }) => desiredFlows],
  ],
  ({ controller }) =>
    (controller?.hypervisors ?? []).flatMap(({ key, bridges }) =>
      bridges.map((bridge) => [[key, bridge.name], bridge] as const),
    ),
);

export const switchFamilies: readonly ReadFamily[] = familiesOf<SwitchStatus>(
  ["switch"],
  [
    ["loomstack_switch_up", "Whether a plain switch that was added is connected.", ({ connected }) => connected],
    ["loomstack_switch_connections_total", "How often it was connected.", ({ counters }) => counters.connections],
    ["loomstack_switch_flows_desired", "Static flows that it should hold.", ({ flows }) => flows.wanted],
    ["loomstack_switch_flows", "Static flows that it holds.", ({ flows }) => flows.installed],
    ["loomstack_switch_flows_refused", "Static flows that it has refused.", ({ flows }) => flows.refused],
    ["loomstack_switch_flow_mods_total", "Flow mods sent to it.", ({ counters }) => counters.flowModsSent],
    [
      "loomstack_switch_drift_repaired_total",
      "Its flows that were put back.",
      ({ counters }) => counters.driftRepaired,
    ],
    [
      "loomstack_switch_punts_total",
      "Packets that it has sent to the controller.",
      ({ counters }) => counters.packetsPunted,
    ],
  ],
  ({ controller }) => (controller?.switches ?? []).map((of) => [[of.dpid], of]),
);
