/**
 * The controller, put together:
 *
 *     store ─► IntentFollower ─► HypervisorRegistry ─► Hypervisor (one each) ─► Open vSwitch
 *                                     │    ▲ switches that connect by OpenFlow
 *                                     ▼
 *                               PathProber ─► RealisedState ─► northbounds
 *
 *     guests' questions ─► ServiceDispatcher ─► Service (one for each protocol) ─► answers
 *
 *     switches that connect by OpenFlow ─► SwitchDirectory ─┬─► Hypervisor, for the bridges of one
 *                                                           └─► PlainSwitches, for those that were added
 */
import type { Clock, Logger, TlsIdentity, Uuid } from "@loomstack/core";
import {
  appendEvent,
  defaultUnderlayMtu,
  type Explanations,
  type Hypervisors,
  type Measurements,
  nextControllerEpoch,
  type Realised,
  type Store,
  type Switches,
  type Traffic,
} from "@loomstack/model";
import { listenForSwitches } from "@loomstack/openflow";
import type { OvsdbClient } from "@loomstack/ovsdb";
import type { PlannedPeer } from "./compile/plan.ts";
import { Explainer } from "./explain/explainer.ts";
import { LiveTracer, liveTraceEvent } from "./explain/live/live-tracer.ts";
import { listenForHypervisors } from "./connecting/listen-for-hypervisors.ts";
import { ControllerMeasurements } from "./controller-measurements.ts";
import { HypervisorRegistry } from "./hypervisors.ts";
import { IntentFollower } from "./intent/intent-follower.ts";
import { AddressLearner } from "./inventory/address-learner.ts";
import { SwitchDirectory } from "./inventory/switch-directory.ts";
import { type Path, PathProber } from "./paths/path-prober.ts";
import { PathMeasure } from "./paths/path-measure.ts";
import { tellOfPaths } from "./paths/path-events.ts";
import { PathWatch } from "./paths/path-watch.ts";
import { sendProbe } from "./paths/send-probe.ts";
import { RealisedState } from "./realised/realised-state.ts";
import { watchStates } from "./realised/watch-states.ts";
import { defaultGuestSettings } from "./services/service.ts";
import { RouterAdvertiser } from "./services/router-advertisement/router-advertiser.ts";
import { NetworkAnswers } from "./services/network-answers.ts";
import { ServiceDispatcher } from "./services/service-dispatcher.ts";
import { recordEvents } from "./event-record.ts";
import { services } from "./services/services.ts";
import { TrafficReader } from "./traffic/traffic-reader.ts";
import { PlainSwitches } from "./switches/plain-switches.ts";

export interface ControllerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Who we are to hypervisors, and whom we trust. Without it OVSDB and OpenFlow are spoken in the clear. */
  readonly tls?: TlsIdentity | undefined;
  /**
   * Bytes of the largest IP packet that the underlay carries. Guests are told by `defaultUnderlayMtu` where it is left
   * out; traces then say nothing of it.
   */
  readonly underlayMtu?: number | undefined;
  /** What guests are told; default: `defaultGuestSettings`. */
  readonly guests?: typeof defaultGuestSettings;
  /** Where hypervisors may dial in; without it none can. */
  readonly ovsdb?: { readonly host: string; readonly port: number } | undefined;
  /** Where bridges connect to. */
  readonly openflow: { readonly host: string; readonly port: number; readonly advertise?: string | undefined };
}

export interface Controller extends AsyncDisposable {
  readonly hypervisors: Hypervisors;
  readonly realised: Realised;
  readonly switches: Switches;
  readonly explanations: Explanations;
  readonly measurements: Measurements;
  readonly traffic: Traffic;
  /** The TCP port on which it listens for switches. */
  readonly openflowPort: number;
  /** The TCP port on which it listens for hypervisors; undefined when it doesn't. */
  readonly ovsdbPort: number | undefined;
}

/** Starts the controller on a store: connects the hypervisors that intent knows, and listens for their switches. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const { store, clock, random, logger, tls, openflow, underlayMtu } = options;
  // Whatever is there already goes again when a later step fails: a port that is taken, for one.
  await using starting = new AsyncDisposableStack();
  const epoch = await nextControllerEpoch(store);
  const follower = starting.use(await IntentFollower.start(store));
  const listening = { port: openflow.port };
  const directory = starting.use(new SwitchDirectory(logger));
  const switches = starting.use(new PlainSwitches({ store, follower, directory, clock, random, logger, epoch }));
  const registry = starting.use(
    new HypervisorRegistry({
      store,
      follower,
      switches: directory,
      clock,
      random,
      logger,
      epoch,
      tls,
      controllerTarget: (localAddress) =>
        `${tls === undefined ? "tcp" : "ssl"}:${openflow.advertise ?? localAddress ?? openflow.host}:${listening.port}`,
    }),
  );
  const prober = starting.use(
    new PathProber({
      ...{ clock, random },
      // Where nobody would show that it arrived, none is sent.
      send: (path, nonce) =>
        registry.get(path.to)?.connection("br-tun") !== undefined && sendProbe(registry, logger, path, nonce),
    }),
  );
  starting.use(new PathWatch(clock, prober));
  const event = recordEvents({ store, clock, logger });
  starting.use(tellOfPaths(prober, clock, event));
  const paths = starting.use(
    new PathMeasure({ clock, random, send: (path, nonce, length) => sendProbe(registry, logger, path, nonce, length) }),
  );
  starting.use(registry.applied.add(({ key, peers }) => prober.want(key, pathsOf(key, peers))));
  starting.use(registry.dropped.add((key) => prober.want(key, [])));
  starting.use(registry.reconnected.add((key) => prober.doubt(key)));
  starting.use(registry.packetIns.add(({ key, packet }) => prober.received(key, packet.data)));
  starting.use(registry.packetIns.add(({ key, packet }) => paths.received(key, packet.data)));
  const { intent, placement } = follower;
  const settings = { underlayMtu: underlayMtu ?? defaultUnderlayMtu, ...defaultGuestSettings, ...options.guests };
  const { steps } = follower;
  const served = { intent, placement, steps, hypervisors: registry, settings, clock, logger };
  starting.use(new RouterAdvertiser({ ...served, random }));
  starting.use(
    new AddressLearner({ ...{ intent, placement, hypervisors: registry }, store, clock, random, logger, event }),
  );
  const answers = starting.use(new NetworkAnswers({ intent, steps, services, settings, logger }));
  const asking = { intent, placement, hypervisors: registry, answers };
  const dispatcher = starting.use(new ServiceDispatcher({ ...asking, clock, logger, event }));
  const traced = { intent, hypervisors: registry, paths, answers, underlayMtu };
  const record = async (hypervisor: string, port: Uuid, packet: string): Promise<void> =>
    appendEvent(store, liveTraceEvent(clock.now(), hypervisor, port, packet));
  const tracer = new LiveTracer({ world: traced, clock, random, record });
  starting.use(registry.sightings.add(({ key, packet }) => tracer.received(key, packet)));
  starting.use(dispatcher.answered.add(({ frame, says }) => tracer.answered(frame, says)));
  const realised = starting.use(new RealisedState({ follower, registry, switches, prober, clock }));
  const states = starting.use(watchStates({ follower, registry, prober, realised, clock, tell: event }));
  const listener = starting.use(
    await listenForSwitches({
      host: openflow.host,
      port: openflow.port,
      // Bridges of hypervisors are told to speak 1.3; other switches may know no more than 1.0.
      versions: ["1.3", "1.0"],
      tls,
      clock,
      logger,
      onSwitch: (connection) => directory.connected(connection),
    }),
  );
  // Ends before the connections do: that we stop is nothing to be recorded of the switches.
  starting.use(switches);
  const { ovsdb } = options;
  const onClient = (client: OvsdbClient): void => registry.dialledIn(client);
  const hypervisorListener =
    ovsdb && starting.use(await listenForHypervisors({ ...ovsdb, tls, clock, logger, onClient }));
  // As the switches: that we stop is no loss of a hypervisor, and changes no port's state.
  starting.use(registry);
  starting.use(states);
  listening.port = listener.port;
  registry.start();
  const stack = starting.move();
  return {
    hypervisors: registry,
    realised,
    switches,
    explanations: new Explainer({ ...traced, realised }, tracer),
    traffic: new TrafficReader({ intent, placement, hypervisors: registry, clock }),
    measurements: new ControllerMeasurements({ intent: follower.intent, registry, realised, prober, dispatcher }),
    openflowPort: listener.port,
    ovsdbPort: hypervisorListener?.port,
    [Symbol.asyncDispose]: async () => stack.disposeAsync(),
  };
}

function pathsOf(key: string, peers: readonly PlannedPeer[]): Path[] {
  return peers.flatMap((peer) =>
    peer.encapsulations.map((encapsulation) => ({ from: key, to: peer.key, encapsulation, endpoint: peer.endpoint })),
  );
}
