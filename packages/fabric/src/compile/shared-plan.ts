import type { Ipv4 } from "@loomstack/core";
import {
  type Intent,
  isLearner,
  isOverlayType,
  type LearntAddresses,
  mostLearntAddresses,
  type Port,
} from "@loomstack/model";
import type { Feature } from "../features/feature.ts";
import { features as allFeatures } from "../features/features.ts";
import { endpointOf, type Place, type Placement } from "../intent/placement.ts";
import { PartFlows } from "./part-flows.ts";
import type { PlannedPort, PortPlace, RemotePort } from "./plan.ts";

/** A port as others see it, and what that was made of. */
interface Seen {
  readonly place: Place;
  readonly needsTunnels: boolean;
  readonly learnt: LearntAddresses | undefined;
  readonly endpoints: readonly (Ipv4 | null)[];
  readonly port: RemotePort | undefined;
}

/**
 * What the plans of all hypervisors share: intent, and of each port one picture for all hypervisors that it isn't on,
 * for there are as many of them as ports times hypervisors.
 */
export class SharedPlan {
  readonly intent: Intent;
  readonly placement: Placement;
  readonly parts: PartFlows;
  readonly #seen = new WeakMap<Port, Seen>();

  /** @param features default: all there are */
  constructor(intent: Intent, placement: Placement, features: readonly Feature[] = allFeatures) {
    this.intent = intent;
    this.placement = placement;
    this.parts = new PartFlows(features);
  }

  /** A port of another hypervisor; undefined while it isn't known where the tunnels of that one end. */
  remotePort(port: Port, place: Place): RemotePort | undefined {
    const keys = [place.hypervisor, ...(place.arrivingAt === undefined ? [] : [place.arrivingAt])];
    const endpoints = keys.map((key) => endpointOf(this.intent, key));
    const learnt = this.intent.learntAddresses.get(port.id);
    const known = this.#seen.get(port);
    const needsTunnels = this.#needsTunnels(place);
    if (
      known?.place === place &&
      known.needsTunnels === needsTunnels &&
      known.learnt === learnt &&
      known.endpoints.every((endpoint, index) => endpoint === endpoints[index])
    )
      return known.port;
    const fresh = remotePort(port, learnt, this.placesBut(undefined, place));
    this.#seen.set(port, { place, learnt, needsTunnels, endpoints, port: fresh });
    return fresh;
  }

  /**
   * The hypervisors, but for `key`, that have the interface of a port; where its network needs tunnels, as far as it is
   * known where these end.
   */
  placesBut(key: string | undefined, place: Place): PortPlace[] {
    const needsTunnels = this.#needsTunnels(place);
    return [place.hypervisor, place.arrivingAt].flatMap((other) => {
      if (other === undefined || other === key) return [];
      const endpoint = needsTunnels ? endpointOf(this.intent, other) : null;
      return needsTunnels && endpoint === null ? [] : [{ hypervisor: other, endpoint }];
    });
  }

  #needsTunnels({ network }: Place): boolean {
    const type = this.intent.networks.get(network)?.networkType;
    return type !== undefined && isOverlayType(type);
  }
}

/**
 * Whether addresses of a port are learnt: its network allows it, nobody told us any, it is held to its MAC address, and
 * everybody in its network is a port of ours. Outside somebody else may have what it says that it has.
 */
export function learnsOf({ intent }: Pick<SharedPlan, "intent">, port: Port): boolean {
  const network = intent.networks.get(port.networkId);
  const isFull = (intent.learntAddresses.get(port.id)?.addresses.length ?? 0) >= mostLearntAddresses;
  return network?.learnsAddresses === true && isOverlayType(network.networkType) && isLearner(port) && !isFull;
}

/**
 * Whether the leases are learnt that DHCP servers give a port's guest, in provider networks as well: a server outside
 * knows what it gives.
 */
export function learnsLeasesOf({ intent }: Pick<SharedPlan, "intent">, port: Port): boolean {
  return intent.networks.get(port.networkId)?.learnsAddresses === true && isLearner(port);
}

/** What is known of a port wherever it is. */
export function plannedPort(port: Port, learnt: LearntAddresses | undefined): PlannedPort {
  const addresses = port.fixedIps.map(({ ipAddress }) => ipAddress);
  const shown = learnt && { learnt: learnt.addresses.map(({ address }) => address) };
  return { id: port.id, mac: port.macAddress, addresses, pairs: port.allowedAddressPairs, ...shown };
}

/** A port as a hypervisor sees it that it isn't on. */
export function remotePort(
  port: Port,
  learnt: LearntAddresses | undefined,
  [first, second]: readonly PortPlace[],
): RemotePort | undefined {
  return first && { ...plannedPort(port, learnt), ...first, ...(second && { alsoAt: second }) };
}
