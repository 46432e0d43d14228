import type { Revision, Uuid } from "@loomstack/core";
import { type Intent, isOverlayType, type Port, type PortStatus } from "@loomstack/model";
import type { Encapsulation } from "../compile/plan.ts";
import { endpointOf, isUp } from "../intent/placement.ts";
import { type Path, pathKey } from "../paths/path-prober.ts";
import type { Topic } from "./waiters.ts";

/** What is known of the hypervisors, as far as port status needs it. */
export interface RealisedView {
  /** The hypervisors that hold ports of a network. */
  homes(network: Uuid): ReadonlySet<string>;
  /** Whether the hypervisor can be seen now; one that can't be may still forward. */
  isLive(key: string): boolean;
  /** Why it can't be seen, or what it waits for, in words. */
  reason(key: string): string;
  /** The highest revision whose flows it has confirmed, of those that concern it. */
  confirmed(key: string): Revision;
  /** Why the port's interface there has no OpenFlow port, in words; undefined where it has one. */
  interfaceTrouble(key: string, port: Uuid): string | undefined;
  /** Why it has no tunnel port of that encapsulation, in words; undefined where it has one, or should have none. */
  tunnelTrouble(key: string, encapsulation: Encapsulation): string | undefined;
  /** Whether flows for the port, at the OpenFlow port that it has now, are confirmed there. */
  forwards(key: string, port: Uuid): boolean;
  /** Whether flows for the network are confirmed there. */
  carries(key: string, network: Uuid): boolean;
  /** Whether it has no local VLAN left for the network. */
  lacksVlan(key: string, network: Uuid): boolean;
  /** Why no bridge there leads to a physical network, in words; undefined where one does. */
  uplinkObstacle(key: string, physicalNetwork: string): string | undefined;
  isUp(path: Path): boolean;
}

/** A port's state, and what it would have to be looked at again for. */
export interface PortVerdict extends PortStatus {
  readonly waitsFor: readonly Topic[];
}

/** What keeps a port from being ACTIVE. */
interface Obstacle {
  readonly status: "BUILD" | "DOWN";
  readonly reason: string;
  /** By whom, or where, it may go away. */
  readonly at: readonly Topic[];
}

/**
 * The revision of the last change that its own flows are made of: of the port, of its network, of where it is, and of
 * where the tunnels of that hypervisor end.
 */
export function neededBy(intent: Intent, id: Uuid): Revision {
  const port = intent.ports.get(id);
  const [network, binding] = [port && intent.networks.get(port.networkId), intent.bindings.get(id)];
  const endpoint = binding && intent.tunnelEndpoints.get(binding.nodeKey);
  return Math.max(0, ...[port, network, binding, endpoint].map((one) => one?.revision ?? 0)) as Revision;
}

/**
 * What a port's state is, from what the hypervisors have confirmed: ACTIVE when every hypervisor of its network that
 * can be seen has confirmed the flows for it, and probes have passed from its hypervisor to each of those, and back. In
 * a provider network no probe is needed: its hypervisor has to be joined to the physical network.
 *
 * @param needed the revision of the last change that its flows are made of
 */
export function portStatus(intent: Intent, id: Uuid, needed: Revision, view: RealisedView): PortVerdict {
  const port = intent.ports.get(id);
  if (port === undefined) return { status: "DOWN", reason: "there is no such port", hypervisor: null, waitsFor: [id] };
  const home = intent.bindings.get(id)?.nodeKey;
  const verdict = (status: PortStatus["status"], reason: string, at: readonly Topic[]): PortVerdict => ({
    ...{ status, reason, hypervisor: home ?? null },
    waitsFor: [port.networkId, ...at],
  });
  if (!isUp(intent, port)) return verdict("DOWN", "the port or its network is administratively down", []);
  if (home === undefined) return verdict("DOWN", "no connected hypervisor has an interface with this port's id", []);
  const physicalNetwork = intent.networks.get(port.networkId)?.physicalNetwork ?? null;
  const obstacle =
    notJoined(home, physicalNetwork, view) ??
    atHome(home, port, needed, view) ??
    [...view.homes(port.networkId)]
      .values()
      .filter((other) => other !== home && view.isLive(other))
      .map((other) => atOther(intent, home, other, port.networkId, needed, view))
      .find((one) => one !== undefined);
  if (obstacle !== undefined) return verdict(obstacle.status, obstacle.reason, obstacle.at);
  const joined = physicalNetwork === null ? "probes pass between them" : `its own is joined to ${physicalNetwork}`;
  return verdict("ACTIVE", `every hypervisor concerned has confirmed its flows, and ${joined}`, []);
}

/** What is in the way between the port's own hypervisor and the physical network that its network needs, if any. */
function notJoined(home: string, physicalNetwork: string | null, view: RealisedView): Obstacle | undefined {
  const obstacle = physicalNetwork === null ? undefined : view.uplinkObstacle(home, physicalNetwork);
  if (obstacle === undefined || !view.isLive(home)) return undefined;
  return { status: "DOWN", reason: `hypervisor ${home} does not carry the network: ${obstacle}`, at: [home] };
}

/** What is in the way on the port's own hypervisor. */
function atHome(home: string, port: Port, needed: Revision, view: RealisedView): Obstacle | undefined {
  const because = (status: Obstacle["status"], reason: string): Obstacle => ({ status, reason, at: [home] });
  if (!view.isLive(home)) return because("DOWN", `hypervisor ${home} can't be seen: ${view.reason(home)}`);
  const trouble = view.interfaceTrouble(home, port.id);
  if (trouble !== undefined) return because("BUILD", trouble);
  const unconfirmed = notConfirmed(home, port.networkId, needed, view);
  if (unconfirmed !== undefined) return unconfirmed;
  if (!view.forwards(home, port.id))
    return because("BUILD", `hypervisor ${home} has not confirmed flows for the interface's OpenFlow port yet`);
  return undefined;
}

/** What is in the way on, or between, the port's hypervisor and another one of its network. */
function atOther(
  intent: Intent,
  home: string,
  other: string,
  network: Uuid,
  needed: Revision,
  view: RealisedView,
): Obstacle | undefined {
  const because = (reason: string, ...at: Topic[]): Obstacle => ({ status: "BUILD", reason, at: [home, other, ...at] });
  const type = intent.networks.get(network)?.networkType;
  const needsTunnels = type === undefined || isOverlayType(type);
  // One that isn't joined to a provider network's physical network has nothing to confirm of it.
  const isConcerned = needsTunnels || view.carries(other, network);
  const unconfirmed = isConcerned ? notConfirmed(other, network, needed, view) : undefined;
  if (unconfirmed !== undefined || !needsTunnels) return unconfirmed;
  const unknown = [home, other].find((key) => endpointOf(intent, key) === null);
  if (unknown !== undefined) return because(`where the tunnels of hypervisor ${unknown} end is not known`);
  for (const path of pathsBetween(intent, network, home, other)) {
    if (view.isUp(path)) continue;
    const trouble =
      view.tunnelTrouble(path.from, path.encapsulation) ?? view.tunnelTrouble(path.to, path.encapsulation);
    const silent = `no probe passes the ${path.encapsulation} tunnel from ${path.from} to ${path.to}`;
    return because(trouble === undefined ? silent : `${silent}: ${trouble}`, pathKey(path));
  }
  return undefined;
}

function notConfirmed(key: string, network: Uuid, needed: Revision, view: RealisedView): Obstacle | undefined {
  const because = (reason: string): Obstacle => ({ status: "BUILD", reason, at: [key] });
  if (view.lacksVlan(key, network))
    return because(`hypervisor ${key} does not carry the network: it has no local VLAN left`);
  if (view.confirmed(key) < needed || !view.carries(key, network))
    return because(`hypervisor ${key} has not confirmed its flows yet: ${view.reason(key)}`);
  return undefined;
}

function pathsBetween(intent: Intent, networkId: Uuid, home: string, other: string): Path[] {
  const encapsulation = intent.networks.get(networkId)?.networkType;
  const there = endpointOf(intent, other);
  const here = endpointOf(intent, home);
  if (encapsulation === undefined || !isOverlayType(encapsulation) || there === null || here === null) return [];
  return [
    { from: home, to: other, encapsulation, endpoint: there },
    { from: other, to: home, encapsulation, endpoint: here },
  ];
}
