/**
 * Learns the addresses of ports that nobody told us the addresses of:
 *
 *     guest ─► br-int, portSecurity: ARP that shows an unknown address ─┬─► on its way, as ever
 *                                                                       └─► copy ─► here ─► store ─► intent ─► flows
 *
 * No packet waits for it. Once an address is learnt its ARP isn't copied any more.
 */
import {
  type Clock,
  type Ip,
  type Ipv4,
  ipv4FromNumber,
  isLoomstackError,
  type Listeners,
  type Logger,
  type Mac,
  macFromBytes,
  messageOf,
  type Uuid,
} from "@loomstack/core";
import { type AddressSource, learnAddress, type Learning, type SeenAddress, type Store } from "@loomstack/model";
import type { PacketIn } from "@loomstack/openflow";
import { learnsOf } from "../compile/shared-plan.ts";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";
import { etherType } from "../packets/protocol-numbers.ts";
import { type BridgeName, portSecurity } from "../pipeline/tables.ts";
import { ReconcileLoop } from "../reconcile/reconcile-loop.ts";
import { AnswerPace } from "../services/answer-pace.ts";
import { portBehind, type PortsBehind } from "./port-behind.ts";

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
        options.logger[level]({ error: messageOf(error) }, "learnt addresses could not be stored; trying again");
      },
    });
    this.#listening = options.hypervisors.packetIns.add(({ key, bridge, packet }) => {
      if (bridge === "br-int" && packet.tableId === portSecurity.id) this.#take(key, packet);
    });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#loop[Symbol.dispose]();
  }

  #take(key: string, packet: PacketIn): void {
    const port = portBehind(this.#options, key, packet)?.port;
    if (port === undefined || !this.#pace.allows(key, port.id)) return;
    const address = shownAddress(packet.data, port.macAddress);
    if (address === undefined || !this.#isLearnt(port.id, address) || this.#pending.size >= mostPending) return;
    this.#pending.set(`${port.id} ${address}`, { port: port.id, address, source: "arp", expiresAtMs: null });
    this.#loop.trigger();
  }

  /** Whether an address that the port shows is to be learnt: not a gateway's, which many would be led astray by. */
  #isLearnt(id: Uuid, address: Ip): boolean {
    const { ports, subnets, subnetsByNetwork, learntAddresses } = this.#options.intent;
    const port = ports.get(id);
    if (port === undefined || !learnsOf(this.#options, port)) return false;
    if (learntAddresses.get(id)?.addresses.some((one) => one.address === address) === true) return false;
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

/**
 * The sender's address of an ARP packet for IPv4 over Ethernet (RFC 826) about `mac`; undefined for anything else, and
 * for what is no address of a host.
 */
export function shownAddress(frame: Uint8Array, mac: Mac): Ipv4 | undefined {
  if (frame.byteLength < 42) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const isArp =
    view.getUint16(12) === etherType.arp && view.getUint32(14) === 0x0001_0800 && view.getUint16(18) === 0x0604;
  if (!isArp || macFromBytes(frame.subarray(22, 28)) !== mac) return undefined;
  const first = view.getUint8(28);
  // "This network", loopback, multicast, reserved and broadcast (RFC 6890).
  if (first === 0 || first === 127 || first >= 224) return undefined;
  return ipv4FromNumber(view.getUint32(28));
}
