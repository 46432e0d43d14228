/**
 * Learns the addresses of ports that nobody told us the addresses of:
 *
 *     guest ─► br-int, portSecurity or neighbourSecurity: what shows an unknown address ─┬─► on its way, as ever
 *                                                                                        └─► copy ─► here ─► store ─► intent ─► flows
 *
 * No packet waits for it. Once an address is learnt, what shows it isn't copied any more. A guest that only asks for an
 * address has it when nobody objects (TentativeAddresses); objections come from forward.
 */
import {
  type Clock,
  type Ip,
  isIpv6,
  isLoomstackError,
  type Listeners,
  type Logger,
  messageOf,
  type Uuid,
} from "@loomstack/core";
import { type AddressSource, learnAddress, type Learning, type SeenAddress, type Store } from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import { learnsOf } from "../compile/shared-plan.ts";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";
import { type BridgeName, forward, neighbourSecurity, portSecurity } from "../pipeline/tables.ts";
import { ReconcileLoop } from "../reconcile/reconcile-loop.ts";
import { AnswerPace } from "../services/answer-pace.ts";
import { networkServer } from "../services/network-server.ts";
import { virtualRouter } from "../services/virtual-router.ts";
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

/** An address, and the port that it was seen to be of. */
interface Shown extends SeenAddress {
  readonly port: Uuid;
}

/** How many addresses wait to be stored; more are passed over, and shown again by the next ARP. */
const mostPending = 1_000;

export class AddressLearner implements Disposable {
  readonly #options: AddressLearnerOptions;
  readonly #pace: AnswerPace;
  readonly #events: EventThrottle;
  readonly #listening: Disposable;
  readonly #loop: ReconcileLoop;
  readonly #tentative: TentativeAddresses;
  /** By port and address. */
  readonly #pending = new Map<string, Shown>();

  constructor(options: AddressLearnerOptions) {
    this.#options = options;
    this.#pace = new AnswerPace(options.clock);
    this.#events = new EventThrottle(options.clock, options.event);
    this.#loop = new ReconcileLoop({
      clock: options.clock,
      random: options.random,
      backoff: { firstMs: 50, limitMs: 5_000 },
      work: async () => this.#write(),
      failed: (error) => {
        const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
        const ports = new Set(this.#pending.values().map(({ port }) => port)).size;
        options.logger[level]({ ports, error: messageOf(error) }, "learnt addresses could not be stored; trying again");
      },
    });
    this.#tentative = new TentativeAddresses(options.clock, ({ port, address }) =>
      this.#keep({ port, address, source: "nd", expiresAtMs: null }),
    );
    this.#listening = options.hypervisors.packetIns.add(({ key, bridge, packet }) => {
      if (bridge === "br-int") this.#take(key, packet);
    });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#tentative[Symbol.dispose]();
    this.#loop[Symbol.dispose]();
  }

  #take(key: string, packet: PacketIn): void {
    switch (packet.tableId) {
      case portSecurity.id:
        return this.#takeOwn(key, packet, "arp");
      case neighbourSecurity.id:
        return this.#takeOwn(key, packet, "nd");
      case forward.id:
        return this.#takeObjection(key, packet);
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
    if (!this.#isLearnt(port.id, address)) return;
    if (isIpv6(address)) {
      const claim = { network: port.networkId, port: port.id, mac, address };
      if (isAsking) return this.#tentative.ask(claim);
      this.#tentative.contest(claim);
    }
    this.#keep({ port: port.id, address, source, expiresAtMs: null });
  }

  /** Somebody of a network says to all that it has an address. */
  #takeObjection(key: string, packet: PacketIn): void {
    const network = networkBehind(this.#options, key, packet);
    if (network === undefined || !this.#pace.allows(key, network)) return;
    const shown = shownInNeighbourDiscovery(packet.data);
    if (shown?.isAsking === false && isIpv6(shown.address))
      this.#tentative.contest({ network, mac: shown.mac, address: shown.address });
  }

  #keep(shown: Shown): void {
    if (this.#pending.size >= mostPending) return;
    this.#pending.set(`${shown.port} ${shown.address}`, shown);
    this.#loop.trigger();
  }

  /**
   * Whether an address that the port shows is to be learnt: not a gateway's or the network's own, which many would be
   * led astray by.
   */
  #isLearnt(id: Uuid, address: Ip): boolean {
    const { ports, subnets, subnetsByNetwork, learntAddresses } = this.#options.intent;
    const port = ports.get(id);
    if (port === undefined || !learnsOf(this.#options, port)) return false;
    if (learntAddresses.get(id)?.addresses.some((one) => one.address === address) === true) return false;
    if (address === networkServer.address || address === virtualRouter.address) return false;
    return ![...(subnetsByNetwork.get(port.networkId) ?? [])].some((one) => subnets.get(one)?.gatewayIp === address);
  }

  async #write(): Promise<void> {
    const batch = [...this.#pending];
    if (batch.length === 0) return;
    const { intent, store } = this.#options;
    const { result: outcomes } = await store.observe(async (tx) => {
      const learnt: [Shown, Learning][] = [];
      for (const [, shown] of batch) {
        const port = intent.ports.get(shown.port);
        if (port === undefined || !intent.bindings.has(port.id) || !this.#isLearnt(port.id, shown.address)) continue;
        learnt.push([shown, await learnAddress(tx, port, shown)]);
      }
      return learnt;
    });
    for (const [key] of batch) this.#pending.delete(key);
    for (const [shown, outcome] of outcomes) this.#tell(shown, outcome);
  }

  #tell({ port, address, source }: Shown, outcome: Learning): void {
    const object = `port ${port}`;
    const network = this.#options.intent.ports.get(port)?.networkId ?? "";
    if (outcome.kind === "learnt") {
      const before = outcome.takenFrom === undefined ? "" : `; it was port ${outcome.takenFrom}'s before`;
      const message = `port ${port} has ${address} in network ${network}, says ${sourceTexts[source]}${before}`;
      this.#events.tell("info", "address-learnt", message, { object });
    } else if (outcome.kind === "held") {
      const message = `port ${port} has ${address} in network ${network}, says ${sourceTexts[source]}, but port ${outcome.by} has it; it is not believed`;
      this.#events.tell("warning", "address-conflict", message, { object });
    }
  }
}

/** Who has said so, for people. */
const sourceTexts: Readonly<Record<AddressSource, string>> = {
  arp: "its guest in ARP",
  nd: "its guest in neighbour discovery",
  dhcp: "a DHCP server",
};
