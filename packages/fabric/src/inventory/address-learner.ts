/**
 * Learns the addresses of ports that nobody told us the addresses of:
 *
 *     guest ─► br-int, portSecurity or neighbourSecurity: what shows an unknown address ─┬─► on its way, as ever
 *                                                                                        └─► copy ─► here ─► store ─► intent ─► flows
 *
 * No packet waits for it. Once an address is learnt, what shows it isn't copied any more. A guest that only asks for an
 * address has it when nobody objects (TentativeAddresses); objections come from forward. So do the answers of DHCP servers,
 * and from services the questions of guests that they answer (LeaseWatch).
 */
import { type Clock, isIpv6, type Listeners, type Logger, type Uuid } from "@loomstack/core";
import type { SeenAddress, Store } from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import { learnsLeasesOf, learnsOf } from "../compile/shared-plan.ts";
import type { TellEvent } from "../event-throttle.ts";
import { decodeIpv4Datagram } from "../packets/udp-over-ipv4.ts";
import { type BridgeName, forward, neighbourSecurity, portSecurity, services } from "../pipeline/tables.ts";
import { AnswerPace } from "../services/answer-pace.ts";
import { dhcpPort } from "../services/dhcpv4/dhcp-service.ts";
import { decodeDhcpMessage, type DhcpMessage } from "../services/dhcpv4/message.ts";
import { networkServer } from "../services/network-server.ts";
import { virtualRouter } from "../services/virtual-router.ts";
import { LeaseWatch, type LeaseNews } from "./lease-watch.ts";
import { LearntAddressWriter } from "./learnt-address-writer.ts";
import { networkBehind, portBehind, type PortsBehind } from "./port-behind.ts";
import { isKnownWithoutLearning, shownInArp, shownInNeighbourDiscovery } from "./shown-addresses.ts";
import { TentativeAddresses } from "./tentative-addresses.ts";

export interface AddressLearnerOptions extends PortsBehind {
  readonly hypervisors: PortsBehind["hypervisors"] & {
    readonly packetIns: Listeners<{ readonly key: string; readonly bridge: BridgeName; readonly packet: PacketIn }>;
  };
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Records an event. */
  readonly event: TellEvent;
}

export class AddressLearner implements Disposable {
  readonly #options: AddressLearnerOptions;
  readonly #pace: AnswerPace;
  readonly #listening: Disposable;
  readonly #writer: LearntAddressWriter;
  readonly #tentative: TentativeAddresses;
  readonly #leases: LeaseWatch;

  constructor(options: AddressLearnerOptions) {
    this.#options = options;
    this.#pace = new AnswerPace(options.clock);
    this.#leases = new LeaseWatch(options.clock);
    this.#writer = new LearntAddressWriter({ ...options, isLearnt: (port, seen) => this.#isLearnt(port, seen) });
    this.#tentative = new TentativeAddresses(options.clock, ({ port, address }) =>
      this.#writer.add({ kind: "has", port, address, source: "nd", expiresAtMs: null }),
    );
    this.#listening = options.hypervisors.packetIns.add(({ key, bridge, packet }) => {
      if (bridge === "br-int") this.#take(key, packet);
    });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#tentative[Symbol.dispose]();
    this.#writer[Symbol.dispose]();
  }

  #take(key: string, packet: PacketIn): void {
    switch (packet.tableId) {
      case portSecurity.id:
        return this.#takeOwn(key, packet, "arp");
      case neighbourSecurity.id:
        return this.#takeOwn(key, packet, "nd");
      case services.id:
        return this.#takeQuestion(key, packet);
      case forward.id:
        return this.#takeOthers(key, packet);
      default:
        return undefined;
    }
  }

  /** What a port's guest shows of itself. */
  #takeOwn(key: string, packet: PacketIn, source: "arp" | "nd"): void {
    const port = portBehind(this.#options, key, packet)?.port;
    if (port === undefined || !this.#pace.allows(key, port.id)) return;
    const shown = (source === "arp" ? shownInArp : shownInNeighbourDiscovery)(packet.data);
    if (shown?.mac !== port.macAddress || isKnownWithoutLearning(shown)) return;
    const { address, mac, isAsking } = shown;
    const seen: SeenAddress = { address, source, expiresAtMs: null };
    if (!this.#isLearnt(port.id, seen)) return;
    if (isIpv6(address)) {
      const claim = { network: port.networkId, port: port.id, mac, address };
      if (isAsking) return this.#tentative.ask(claim);
      this.#tentative.contest(claim);
    }
    this.#writer.add({ kind: "has", port: port.id, ...seen });
  }

  /** What a port's guest says to DHCP servers. */
  #takeQuestion(key: string, packet: PacketIn): void {
    const port = portBehind(this.#options, key, packet)?.port;
    if (port === undefined || !learnsLeasesOf(this.#options, port) || !this.#pace.allows(key, port.id)) return;
    const message = dhcpMessage(packet, dhcpPort.server);
    if (message?.hardwareAddress !== port.macAddress) return;
    this.#tellLease(port.id, this.#leases.heardGuest(port.id, message));
  }

  /** Somebody of a network says to all that it has an address, or a DHCP server answers a guest. */
  #takeOthers(key: string, packet: PacketIn): void {
    const network = networkBehind(this.#options, key, packet);
    if (network === undefined || !this.#pace.allows(key, network)) return;
    const message = dhcpMessage(packet, dhcpPort.client);
    if (message !== undefined) return this.#takeAnswer(key, network, message);
    const shown = shownInNeighbourDiscovery(packet.data);
    if (shown?.isAsking === false && isIpv6(shown.address))
      this.#tentative.contest({ network, mac: shown.mac, address: shown.address });
  }

  #takeAnswer(key: string, network: Uuid, message: DhcpMessage): void {
    const { intent, placement } = this.#options;
    for (const id of placement.portsAt(key, network)) {
      const port = intent.ports.get(id);
      if (port?.macAddress !== message.hardwareAddress) continue;
      if (learnsLeasesOf(this.#options, port)) this.#tellLease(id, this.#leases.heardServer(id, message));
      return;
    }
  }

  #tellLease(port: Uuid, news: LeaseNews | undefined): void {
    if (news === undefined) return;
    if (news.kind === "refused") return this.#writer.add({ kind: "lost-lease", port });
    const { address } = news;
    if (news.kind === "given-back") return this.#writer.add({ kind: "gave-back", port, address });
    const seen: SeenAddress = { address, source: "dhcp", expiresAtMs: news.expiresAtMs };
    if (this.#isLearnt(port, seen)) this.#writer.add({ kind: "has", port, ...seen });
  }

  /**
   * Whether an address that was seen to be the port's is to be learnt: not a gateway's or the network's own, which many
   * would be led astray by.
   */
  #isLearnt(id: Uuid, { address, source }: SeenAddress): boolean {
    const { ports, subnets, subnetsByNetwork, learntAddresses } = this.#options.intent;
    const port = ports.get(id);
    if (port === undefined || !(source === "dhcp" ? learnsLeasesOf : learnsOf)(this.#options, port)) return false;
    // A lease that is known may be prolonged.
    const known = source !== "dhcp" && learntAddresses.get(id)?.addresses.some((one) => one.address === address);
    if (known === true || address === networkServer.address || address === virtualRouter.address) return false;
    return ![...(subnetsByNetwork.get(port.networkId) ?? [])].some((one) => subnets.get(one)?.gatewayIp === address);
  }
}

/** A whole DHCP message to a UDP port that no relay has sent on. */
function dhcpMessage({ data, totalLength }: PacketIn, dstPort: number): DhcpMessage | undefined {
  const datagram = totalLength > data.byteLength ? undefined : decodeIpv4Datagram(data);
  const message = datagram?.dstPort === dstPort ? decodeDhcpMessage(datagram.data) : undefined;
  return message?.relayAgent === "0.0.0.0" ? message : undefined;
}
