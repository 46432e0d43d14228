/** That each metric tells the figure that it names, and no other: all of them are different here. */
import { type HistogramReading, parseIpv4, type Revision } from "@loomstack/core";
import { type HypervisorStatus, noDrift, type SwitchStatus } from "@loomstack/model";
import { expect, test } from "vitest";
import { families } from "./families.ts";
import type { Readings } from "./readings.ts";

const histogram = (sumSec: number): HistogramReading => ({ boundsSec: [1], counts: [1, 0], sumSec });

const hypervisor: HypervisorStatus = {
  key: "a",
  node: { type: "OVS", id: "a", address: parseIpv4("192.0.2.1"), port: 6640 },
  ...{ connection: null, certificate: null, systemId: "a", state: "preparing", reason: "", tunnelEndpoint: null },
  realised: 31 as Revision,
  bridges: [{ name: "br-int", dpid: "01", connected: true, flows: 32, desiredFlows: 33 }],
  drift: { ...noDrift, port: 34 },
  counters: {
    ...{ flowModsSent: 35, driftRepaired: 36, ovsdbTransactions: 37, ovsdbConnections: 38, openflowConnections: 39 },
    ...{ rounds: 40, roundsFailed: 41, packetsPunted: 42, puntsDropped: 43 },
  },
};

const plainSwitch: SwitchStatus = {
  ...{ dpid: "02", name: null, registered: true, connected: true, address: "", version: "1.3" },
  ...{ hypervisor: null, certificate: null, state: "ready", reason: "", realised: 4 as Revision, puntMeter: null },
  flows: { wanted: 51, installed: 52, refused: 53 },
  counters: { flowModsSent: 54, driftRepaired: 55, connections: 56, packetsPunted: 57 },
};

const readings: Readings = {
  intentRevision: 11 as Revision,
  store: { committed: histogram(12), rolledBack: 13, pending: 14 },
  http: { underWay: 15, answered: [[["GET", "/x", "200"], 16]], durations: [[["/x"], histogram(17)]] },
  eventStreams: 18,
  controller: {
    own: {
      ...{ networks: 19, ports: 20, hypervisorsUntried: 99, rounds: histogram(21), portsRealised: histogram(22) },
      ...{ portsRealising: 23, portsNotTimed: 24, turnsWaiting: 25, bindingsPending: 26, connectsWaiting: 27 },
      ...{ realisedWaiting: 28, questions: { answered: { dhcp: 29 }, ignored: 30, dropped: 61 } },
      paths: { wanted: 62, up: 63, probesSent: 64, probesArrived: 65 },
    },
    realisedRevision: 66 as Revision,
    hypervisors: [hypervisor],
    switches: [plainSwitch],
    refusals: new Map([["a", 67n]]),
  },
};

/** The sum of a histogram, and other values as they are. */
const figures: Readonly<Record<string, readonly number[]>> = {
  loomstack_intent_revision: [11],
  loomstack_store_commit_duration_seconds: [12],
  loomstack_store_rollbacks_total: [13],
  loomstack_store_transactions_pending: [14],
  loomstack_event_streams: [18],
  loomstack_realised_revision: [66],
  loomstack_networks: [19],
  loomstack_ports: [20],
  loomstack_reconcile_round_duration_seconds: [21],
  loomstack_port_realise_duration_seconds: [22],
  loomstack_ports_realising: [23],
  loomstack_ports_not_timed_total: [24],
  loomstack_reconcile_turns_waiting: [25],
  loomstack_bindings_pending: [26],
  loomstack_connect_calls_waiting: [27],
  loomstack_realise_calls_waiting: [28],
  loomstack_guest_questions_ignored_total: [30],
  loomstack_guest_questions_dropped_total: [61],
  loomstack_paths: [62],
  loomstack_paths_up: [63],
  loomstack_path_probes_sent_total: [64],
  loomstack_path_probes_arrived_total: [65],
  loomstack_guest_questions_answered_total: [29],
  // connecting, preparing, ready, lost, refused
  loomstack_hypervisors: [0, 1, 0, 0, 0],
  // flow, bridge, controller, port, interface, external-ids, meter
  loomstack_hypervisor_drift_repaired_total: [0, 0, 0, 34, 0, 0, 0],
  loomstack_hypervisor_port_security_drops_total: [67],
  loomstack_hypervisor_ready: [0],
  loomstack_hypervisor_ovsdb_up: [1],
  loomstack_hypervisor_realised_revision: [31],
  loomstack_hypervisor_ovsdb_connections_total: [38],
  loomstack_hypervisor_openflow_connections_total: [39],
  loomstack_hypervisor_rounds_total: [40],
  loomstack_hypervisor_rounds_failed_total: [41],
  loomstack_hypervisor_flow_mods_total: [35],
  loomstack_hypervisor_ovsdb_transactions_total: [37],
  loomstack_hypervisor_punts_total: [42],
  loomstack_hypervisor_punts_dropped_total: [43],
  loomstack_bridge_openflow_up: [1],
  loomstack_bridge_flows: [32],
  loomstack_bridge_flows_desired: [33],
  loomstack_switch_up: [1],
  loomstack_switch_connections_total: [56],
  loomstack_switch_flows_desired: [51],
  loomstack_switch_flows: [52],
  loomstack_switch_flows_refused: [53],
  loomstack_switch_flow_mods_total: [54],
  loomstack_switch_drift_repaired_total: [55],
  loomstack_switch_punts_total: [57],
  loomstack_http_requests_total: [16],
  loomstack_http_request_duration_seconds: [17],
  loomstack_http_requests_under_way: [15],
};

test("each metric tells its own figure", () => {
  const told = families.map(({ name, read }) => [
    name,
    [...read(readings)].map(([, value]) => (typeof value === "number" ? value : value.sumSec)),
  ]);
  expect(Object.fromEntries(told)).toEqual(figures);
});

test("without the controller half, and without anybody who counts requests, only what is there is told", () => {
  const bare = families.filter(
    ({ read }) => [...read({ ...readings, http: undefined, controller: undefined })].length > 0,
  );
  expect(bare.map(({ name }) => name)).toEqual([
    "loomstack_intent_revision",
    "loomstack_store_commit_duration_seconds",
    "loomstack_store_rollbacks_total",
    "loomstack_store_transactions_pending",
    "loomstack_event_streams",
  ]);
});
