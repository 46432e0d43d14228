/**
 * What one hypervisor has to know, in the parts that features make flows for: the slice of intent that concerns it,
 * joined with its own OpenFlow port numbers. A part says all that its flows depend on, so that they stay as they are
 * for as long as it does.
 */
import type { Ip, Ipv4, LocalVlan, Mac, OfPort, TunnelKey, Uuid } from "@loomstack/core";
import type { AddressPair, OverlayType } from "@loomstack/model";

/** The encapsulations of the overlay, named as the `type` of an Open vSwitch Interface. */
export type Encapsulation = OverlayType;

/** The hypervisor's own ports. */
export interface PlannedHypervisor {
  /** The ends of the patch: on br-int (patch-tun) and on br-tun (patch-int). */
  readonly patch: { readonly onInt: OfPort; readonly onTun: OfPort };
  /** br-tun's tunnel ports. */
  readonly tunnels: ReadonlyMap<Encapsulation, OfPort>;
  /**
   * Whether Open vSwitch can make an advertisement of a neighbour solicitation: it can since 2.11, which knows
   * nd_reserved and nd_options_type. Default: true.
   */
  readonly advertisesNeighbours?: boolean;
}

/** A hypervisor that this one shares a network with. */
export interface PlannedPeer {
  readonly key: string;
  readonly endpoint: Ipv4;
  /** Sorted. */
  readonly encapsulations: readonly Encapsulation[];
}

/** A network that has ports on this hypervisor. */
export type PlannedNetwork = OverlayNetwork | ProviderNetwork;

/** What of a network is the same on every hypervisor. */
export interface NetworkIdentity {
  readonly id: Uuid;
  /** What tells it apart in br-int, and inside a tunnel. */
  readonly tunnelKey: TunnelKey;
}

/** What of a network is as the ports say that are on this hypervisor. */
interface NetworkHere extends NetworkIdentity {
  /**
   * Whether a port here is held to its MAC address alone, so that the addresses of the network's other ports have to be
   * kept from it. Default: false.
   */
  readonly keepsAddresses?: boolean;
}

/** A network that tunnels carry to other hypervisors. */
export interface OverlayNetwork extends NetworkHere {
  readonly encapsulation: Encapsulation;
  readonly localVlan: LocalVlan;
}

/** A network that a physical network carries, to other hypervisors and to whoever else is there. */
export interface ProviderNetwork extends NetworkHere {
  readonly physicalNetwork: string;
  /** The end on br-int of the patch to the bridge that is joined with the physical network. */
  readonly uplink: OfPort;
  /** Its VLAN there; null: it is what has no tag. */
  readonly vlan: number | null;
}

export function isProviderNetwork(network: PlannedNetwork): network is ProviderNetwork {
  return "uplink" in network;
}

/** What the network itself answers its ports. */
export interface NetworkServices {
  /** Router solicitations. */
  readonly routerAdvertisements: boolean;
  readonly dhcpv6: boolean;
  /** DHCP for IPv4, of ports whose own subnet has it, and names. */
  readonly dhcp: boolean;
}

/** The members of a network as broadcast sees them, and what the network itself is to them. */
export interface NetworkMembers {
  readonly services: NetworkServices;
  /** Sorted by port id. */
  readonly localPorts: readonly LocalPort[];
  /** The tunnel endpoints of the other hypervisors that hold ports of the network, each once, sorted. */
  readonly remoteEndpoints: readonly Ipv4[];
  /** Sorted by MAC address. */
  readonly sharedMacs: readonly SharedMac[];
}

/** A MAC address that is no port's own and that the allowed address pairs of some name. */
export interface SharedMac {
  readonly mac: Mac;
  /** Of the ports that may use it; sorted. */
  readonly ofPorts: readonly OfPort[];
  /** Of the hypervisors that hold others that may use it; each once, sorted. */
  readonly remoteEndpoints: readonly Ipv4[];
}

export interface PlannedPort {
  readonly id: Uuid;
  readonly mac: Mac;
  readonly addresses: readonly Ip[];
  /** Addresses that its guest has shown; it isn't held to them. Default: none. */
  readonly learnt?: readonly Ip[];
  /** What it may use besides; several ports may have the same. */
  readonly pairs: readonly AddressPair[];
}

/** Another hypervisor that has the interface of a port. */
export interface PortPlace {
  readonly hypervisor: string;
  /** Where its tunnels end; null where the port's network has none, and the physical network finds the way. */
  readonly endpoint: Ipv4 | null;
}

/** A place that tunnels lead to. */
export interface TunnelledPlace extends PortPlace {
  readonly endpoint: Ipv4;
}

/** A port whose interface is on this hypervisor. */
export interface LocalPort extends PlannedPort {
  readonly ofPort: OfPort;
  /** Whether it is held to its addresses and pairs. */
  readonly portSecurityEnabled: boolean;
  /** Whether the controller learns the addresses that its guest shows, as far as they aren't learnt. Default: false. */
  readonly isLearner?: boolean;
  /** Whether the controller learns the leases that DHCP servers give its guest. Default: false. */
  readonly isLeaseLearner?: boolean;
  /** Whether its guest is on its way to here, and may not run here yet. Default: false. */
  readonly isArriving?: boolean;
  /** Whether an IPv4 address of its is of a subnet with DHCP. Default: false. */
  readonly hasDhcp?: boolean;
  /** Where its guest comes from, or is on its way to. */
  readonly alsoAt?: PortPlace;
}

/** A port of a network of this hypervisor that is on another one. */
export interface RemotePort extends PlannedPort, PortPlace {
  /** Where its guest is on its way to. */
  readonly alsoAt?: PortPlace;
}

/** The other hypervisors that have the interface of a port, and that tunnels lead to. */
export function placesOf(port: LocalPort | RemotePort): readonly TunnelledPlace[] {
  const { alsoAt } = port;
  const others = alsoAt === undefined ? [] : [alsoAt];
  return ("ofPort" in port ? others : [port, ...others]).filter(
    (place): place is TunnelledPlace & typeof place => place.endpoint !== null,
  );
}
