import type { Revision, Uuid } from "@loomstack/core";
import type { Intent, PortStatus } from "@loomstack/model";
import { endpointOf, isUp } from "../intent/placement.ts";
import type { Path } from "../paths/path-prober.ts";

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
  /** Whether the port's interface there has an OpenFlow port. */
  hasInterface(key: string, port: Uuid): boolean;
  /** Whether flows for the port, at the OpenFlow port that it has now, are confirmed there. */
  forwards(key: string, port: Uuid): boolean;
  /** Whether flows for the network are confirmed there. */
  carries(key: string, network: Uuid): boolean;
  isUp(path: Path): boolean;
}

/**
 * What a port's state is, from what the hypervisors have confirmed: ACTIVE when every hypervisor of its network that
 * can be seen has confirmed the flows for it, and probes have passed from its hypervisor to each of those, and back.
 *
 * @param needed the revision of the last change that concerns the port's network
 */
export function portStatus(intent: Intent, id: Uuid, needed: Revision, view: RealisedView): PortStatus {
  const port = intent.ports.get(id);
  if (port === undefined) return { status: "DOWN", reason: "there is no such port", hypervisor: null };
  const home = intent.bindings.get(id)?.nodeKey;
  if (!isUp(intent, port))
    return { status: "DOWN", reason: "the port or its network is administratively down", hypervisor: home ?? null };
  if (home === undefined)
    return { status: "DOWN", reason: "no connected hypervisor has an interface with this port's id", hypervisor: null };
  const because = (status: "BUILD" | "DOWN", reason: string): PortStatus => ({ status, reason, hypervisor: home });
  if (!view.isLive(home)) return because("DOWN", `hypervisor ${home} can't be seen: ${view.reason(home)}`);
  if (!view.hasInterface(home, id))
    return because("BUILD", `Open vSwitch on ${home} has not given the interface an OpenFlow port`);
  if (view.confirmed(home) < needed)
    return because("BUILD", `hypervisor ${home} has not confirmed its flows yet: ${view.reason(home)}`);
  if (!view.carries(home, port.networkId))
    return because("BUILD", `hypervisor ${home} does not carry the network: it has no local VLAN left`);
  if (!view.forwards(home, id))
    return because("BUILD", `hypervisor ${home} has not confirmed flows for the interface's OpenFlow port yet`);
  for (const other of view.homes(port.networkId)) {
    if (other === home || !view.isLive(other)) continue;
    if (view.confirmed(other) < needed)
      return because("BUILD", `hypervisor ${other} has not confirmed its flows yet: ${view.reason(other)}`);
    if (!view.carries(other, port.networkId))
      return because("BUILD", `hypervisor ${other} does not carry the network: it has no local VLAN left`);
    const unknown = [home, other].find((key) => endpointOf(intent, key) === null);
    if (unknown !== undefined) return because("BUILD", `where the tunnels of hypervisor ${unknown} end is not known`);
    const silent = pathsBetween(intent, port.networkId, home, other).find((path) => !view.isUp(path));
    if (silent !== undefined)
      return because(
        "BUILD",
        `no probe has passed the ${silent.encapsulation} tunnel from ${silent.from} to ${silent.to} yet`,
      );
  }
  return {
    status: "ACTIVE",
    reason: "every hypervisor concerned has confirmed its flows, and probes pass between them",
    hypervisor: home,
  };
}

function pathsBetween(intent: Intent, networkId: Uuid, home: string, other: string): Path[] {
  const encapsulation = intent.networks.get(networkId)?.networkType;
  const there = endpointOf(intent, other);
  const here = endpointOf(intent, home);
  if (encapsulation === undefined || there === null || here === null) return [];
  return [
    { from: home, to: other, encapsulation, endpoint: there },
    { from: other, to: home, encapsulation, endpoint: here },
  ];
}
