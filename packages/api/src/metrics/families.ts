/** Every metric of ours, declared once: what is exposed and docs/metrics.md both come from here. */
import type { HistogramReading } from "@loomstack/core";
import type { ControllerReading } from "@loomstack/model";
import { bridgeFamilies, hypervisorFamilies, switchFamilies } from "./families-of-objects.ts";
import { familiesOf, type ReadFamily, single } from "./read-family.ts";
import type { Readings } from "./readings.ts";

const storeFamilies = single<Readings>(
  [
    ["loomstack_intent_revision", "Revision of intent: it grows with each change.", (all) => all.intentRevision],
    [
      "loomstack_store_commit_duration_seconds",
      "How long transactions take that are committed, without the time that they wait for their turn.",
      ({ store }) => store.committed,
    ],
    ["loomstack_store_rollbacks_total", "Transactions that were rolled back.", ({ store }) => store.rolledBack],
    [
      "loomstack_store_transactions_pending",
      "Transactions that wait for their turn or are under way.",
      ({ store }) => store.pending,
    ],
    ["loomstack_event_streams", "Readers of the event stream.", ({ eventStreams }) => eventStreams],
  ],
  (readings) => readings,
);

const controllerFamilies = single<ControllerReading>(
  [
    ["loomstack_networks", "Networks that are wanted.", ({ networks }) => networks],
    ["loomstack_ports", "Ports that are wanted.", ({ ports }) => ports],
    [
      "loomstack_reconcile_round_duration_seconds",
      "How long rounds of reconciling a hypervisor take.",
      ({ rounds }) => rounds,
    ],
    [
      "loomstack_port_realise_duration_seconds",
      "How long ports take from being seen on a hypervisor until they are ACTIVE; of many at once a few are timed.",
      ({ portsRealised }) => portsRealised,
    ],
    ["loomstack_ports_realising", "Ports that are being timed.", ({ portsRealising }) => portsRealising],
    [
      "loomstack_ports_not_timed_total",
      "Ports that weren't timed: too many others were, or they were not ACTIVE after a minute.",
      ({ portsNotTimed }) => portsNotTimed,
    ],
    [
      "loomstack_reconcile_turns_waiting",
      "Hypervisors that wait for their turn to be computed or read.",
      ({ turnsWaiting }) => turnsWaiting,
    ],
    [
      "loomstack_bindings_pending",
      "Ports to be looked at, whether they are bound to where they are seen.",
      ({ bindingsPending }) => bindingsPending,
    ],
    [
      "loomstack_connect_calls_waiting",
      "Calls that wait for a hypervisor to become ready.",
      ({ connectsWaiting }) => connectsWaiting,
    ],
    [
      "loomstack_realise_calls_waiting",
      "Calls that wait for a port or a revision to be realised.",
      ({ realisedWaiting }) => realisedWaiting,
    ],
    [
      "loomstack_guest_questions_ignored_total",
      "Questions of guests that were malformed, of nobody, or not to be answered.",
      ({ questions }) => questions.ignored,
    ],
    [
      "loomstack_guest_questions_dropped_total",
      "Questions of ports or hypervisors that asked too much.",
      ({ questions }) => questions.dropped,
    ],
    [
      "loomstack_paths",
      "Ways through the overlay that ports need, one for each direction.",
      ({ paths }) => paths.wanted,
    ],
    ["loomstack_paths_up", "Of these those that a probe has passed.", ({ paths }) => paths.up],
    ["loomstack_path_probes_sent_total", "Probes sent along paths.", ({ paths }) => paths.probesSent],
    ["loomstack_path_probes_arrived_total", "Probes that have arrived.", ({ paths }) => paths.probesArrived],
  ],
  ({ controller }) => controller?.own,
);

const questionFamilies = familiesOf<number>(
  ["service"],
  [["loomstack_guest_questions_answered_total", "Questions of guests that a service has answered.", (count) => count]],
  ({ controller }) =>
    Object.entries(controller?.own.questions.answered ?? {}).map(([service, count]) => [[service], count]),
);

const httpFamilies: readonly ReadFamily[] = [
  ...familiesOf<number>(
    ["method", "route", "status"],
    [["loomstack_http_requests_total", "Requests answered, by the pattern of their route.", (count) => count]],
    ({ http }) => http?.answered ?? [],
  ),
  ...familiesOf<HistogramReading>(
    ["route"],
    [
      [
        "loomstack_http_request_duration_seconds",
        "How long requests take; calls that wait, and streams, as long as they do.",
        (durations) => durations,
      ],
    ],
    ({ http }) => http?.durations ?? [],
  ),
  ...single<number>(
    [["loomstack_http_requests_under_way", "Requests that haven't been answered yet.", (underWay) => underWay]],
    ({ http }) => http?.underWay,
  ),
];

const realisedFamilies = single<number>(
  [["loomstack_realised_revision", "Revision that every hypervisor concerned has confirmed.", (revision) => revision]],
  ({ controller }) => controller?.realisedRevision,
);

export const families: readonly ReadFamily[] = [
  ...storeFamilies,
  ...realisedFamilies,
  ...controllerFamilies,
  ...questionFamilies,
  ...hypervisorFamilies,
  ...bridgeFamilies,
  ...switchFamilies,
  ...httpFamilies,
];
