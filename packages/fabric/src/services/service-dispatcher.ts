/**
 * Brings questions to those who answer them:
 *
 *     guest ─► br-int, table services ─► packet-in ─► which port? ─► Service.answer ─► packet-out ─► guest
 *
 * Each question costs the same and leaves nothing behind. What is too much is dropped in the switch (its meter), in the
 * connection (its bounded queue), or here (AnswerPace).
 */
import { type Clock, type Listeners, type Logger, messageOf, type OfPort, type Uuid } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";
import { type PacketIn, type SwitchConnection } from "@loomstack/openflow";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";
import type { IntentStep } from "../intent/intent-step.ts";
import type { Placement } from "../intent/placement.ts";
import { portBehind } from "../inventory/port-behind.ts";
import { type BridgeName, services as servicesTable } from "../pipeline/tables.ts";
import { AnswerPace } from "./answer-pace.ts";
import { PortNames } from "./dns/port-names.ts";
import { sendFrame } from "./send-frame.ts";
import type { Answer, Service, ServiceSettings } from "./service.ts";

/** As much of a hypervisor as answering needs. */
export interface AskingHypervisor {
  /** The port whose interface has this OpenFlow port on br-int. */
  portAt(ofPort: OfPort): Uuid | undefined;
  connection(bridge: BridgeName): SwitchConnection | undefined;
}

export interface ServiceDispatcherOptions {
  readonly intent: Intent;
  readonly placement: Placement;
  readonly steps: Listeners<IntentStep>;
  readonly hypervisors: {
    readonly packetIns: Listeners<{ readonly key: string; readonly bridge: BridgeName; readonly packet: PacketIn }>;
    get(key: string): AskingHypervisor | undefined;
  };
  readonly services: readonly Service[];
  readonly settings: ServiceSettings;
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
  readonly #names: PortNames;
  readonly #listening = new DisposableStack();
  readonly #answered: Record<string, number>;
  #ignored = 0;
  #dropped = 0;

  constructor(options: ServiceDispatcherOptions) {
    this.#options = options;
    this.#pace = new AnswerPace(options.clock);
    this.#events = new EventThrottle(options.clock, options.event);
    this.#answered = Object.fromEntries(options.services.map(({ name }) => [name, 0]));
    const names = (this.#names = new PortNames(options.intent));
    this.#listening.use(options.steps.add(({ changes }) => names.follow(changes)));
    this.#listening.use(
      options.hypervisors.packetIns.add(({ key, bridge, packet }) => {
        if (bridge === "br-int" && packet.tableId === servicesTable.id) this.#take(key, packet);
      }),
    );
  }

  get counters(): ServiceCounters {
    return { answered: { ...this.#answered }, ignored: this.#ignored, dropped: this.#dropped };
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
    const service = this.#options.services.find((one) => one.isAsked(packet.data));
    const answer =
      packet.totalLength > packet.data.byteLength ? undefined : service && this.#ask(service, packet, key, port);
    if (service === undefined || answer === undefined) return void (this.#ignored += 1);
    this.#answered[service.name] = (this.#answered[service.name] ?? 0) + 1;
    const { event } = answer;
    if (event !== undefined)
      this.#events.tell(event.severity, event.kind, event.message, { hypervisor: key, object: `port ${port.id}` });
    const { hypervisors, logger } = this.#options;
    const connection = hypervisors.get(key)?.connection("br-int");
    for (const frame of [answer.frame ?? []].flat())
      sendFrame(connection, { hypervisor: key, port: port.id, ofPort }, frame, logger);
  }

  #ask(service: Service, { data }: PacketIn, hypervisor: string, port: Port): Answer | undefined {
    const { intent, settings, logger } = this.#options;
    try {
      return service.answer({ frame: data, port, intent, names: this.#names, settings });
    } catch (error) {
      const asked = { hypervisor, port: port.id, service: service.name };
      logger.error({ ...asked, error: messageOf(error) }, "a question was not answered");
      return undefined;
    }
  }
}
