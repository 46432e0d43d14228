/**
 * Brings questions to those who answer them:
 *
 *     guest ─► br-int, table services ─► packet-in ─► which port? ─► NetworkAnswers ─► packet-out ─► guest
 *
 * Each question costs the same and leaves nothing behind. What is too much is dropped in the switch (its meter), in the
 * connection (its bounded queue), or here (AnswerPace).
 */
import { type Clock, Listeners, type Logger, type OfPort, type Uuid } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import { type PacketIn, type SwitchConnection } from "@loomstack/openflow";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";
import type { Placement } from "../intent/placement.ts";
import { portBehind } from "../inventory/port-behind.ts";
import { type BridgeName, services as servicesTable } from "../pipeline/tables.ts";
import { AnswerPace } from "./answer-pace.ts";
import type { NetworkAnswers } from "./network-answers.ts";
import { sendFrame } from "./send-frame.ts";

/** As much of a hypervisor as answering needs. */
export interface AskingHypervisor {
  /** The port whose interface has this OpenFlow port on br-int. */
  portAt(ofPort: OfPort): Uuid | undefined;
  connection(bridge: BridgeName): SwitchConnection | undefined;
}

export interface ServiceDispatcherOptions {
  readonly intent: Intent;
  readonly placement: Placement;
  readonly hypervisors: {
    readonly packetIns: Listeners<{ readonly key: string; readonly bridge: BridgeName; readonly packet: PacketIn }>;
    get(key: string): AskingHypervisor | undefined;
  };
  readonly answers: NetworkAnswers;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Records an event. */
  readonly event: TellEvent;
}

/** What became of the questions so far. */
export interface ServiceCounters {
  /** Questions that were answered, by the name of the service. */
  readonly answered: Readonly<Record<string, number>>;
  /** Those that were malformed, of nobody, or not to be answered. */
  readonly ignored: number;
  /** Those of ports or hypervisors that asked too much. */
  readonly dropped: number;
}

export class ServiceDispatcher implements Disposable {
  readonly #options: ServiceDispatcherOptions;
  readonly #pace: AnswerPace;
  readonly #events: EventThrottle;
  readonly #listening: Disposable;
  readonly #counts: Record<string, number>;
  /** A question was answered; `says` as in `Answer`. */
  readonly answered = new Listeners<{ readonly frame: Uint8Array; readonly says: string }>();
  #ignored = 0;
  #dropped = 0;

  constructor(options: ServiceDispatcherOptions) {
    this.#options = options;
    this.#pace = new AnswerPace(options.clock);
    this.#events = new EventThrottle(options.clock, options.event);
    this.#counts = Object.fromEntries(options.answers.services.map((name) => [name, 0]));
    this.#listening = options.hypervisors.packetIns.add(({ key, bridge, packet }) => {
      if (bridge === "br-int" && packet.tableId === servicesTable.id) this.#take(key, packet);
    });
  }

  get counters(): ServiceCounters {
    return { answered: { ...this.#counts }, ignored: this.#ignored, dropped: this.#dropped };
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #take(key: string, packet: PacketIn): void {
    const behind = portBehind(this.#options, key, packet);
    if (behind === undefined) return void (this.#ignored += 1);
    const { ofPort, port } = behind;
    if (!this.#pace.allows(key, port.id)) return void (this.#dropped += 1);
    // A packet of which only a part was sent is nothing that can be answered.
    const isWhole = packet.totalLength <= packet.data.byteLength;
    const { answers, hypervisors, logger } = this.#options;
    const answer = isWhole ? answers.to({ hypervisor: key, port, frame: packet.data }) : undefined;
    if (answer === undefined) return void (this.#ignored += 1);
    const { event, service, says } = answer;
    this.#counts[service] = (this.#counts[service] ?? 0) + 1;
    if (event !== undefined)
      this.#events.tell(event.severity, event.kind, event.message, { hypervisor: key, object: `port ${port.id}` });
    const connection = hypervisors.get(key)?.connection("br-int");
    for (const frame of [answer.frame ?? []].flat())
      sendFrame(connection, { hypervisor: key, port: port.id, ofPort }, frame, logger);
    this.answered.tell({ frame: packet.data, says });
  }
}
