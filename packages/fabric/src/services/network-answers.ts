import { type Listeners, type Logger, messageOf } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";
import type { IntentStep } from "../intent/intent-step.ts";
import { PortNames } from "./dns/port-names.ts";
import type { Answer, Service, ServiceSettings } from "./service.ts";

export interface NetworkAnswersOptions {
  readonly intent: Intent;
  readonly steps: Listeners<IntentStep>;
  readonly services: readonly Service[];
  readonly settings: ServiceSettings;
  readonly logger: Logger;
}

/** A frame of a port's guest on a hypervisor. */
export interface Asked {
  readonly hypervisor: string;
  readonly port: Port;
  readonly frame: Uint8Array;
}

/** What the network itself says to its guests now. Asking changes nothing. */
export class NetworkAnswers implements Disposable {
  readonly #options: NetworkAnswersOptions;
  readonly #names: PortNames;
  readonly #listening: Disposable;

  constructor(options: NetworkAnswersOptions) {
    this.#options = options;
    const names = (this.#names = new PortNames(options.intent));
    this.#listening = options.steps.add(({ changes }) => names.follow(changes));
  }

  /** Their names. */
  get services(): readonly string[] {
    return this.#options.services.map(({ name }) => name);
  }

  /** Undefined for what is no question, malformed, or not ours to answer. */
  to({ hypervisor, port, frame }: Asked): (Answer & { readonly service: string }) | undefined {
    const { intent, services, settings, logger } = this.#options;
    const service = services.find((one) => one.isAsked(frame));
    if (service === undefined) return undefined;
    try {
      const answer = service.answer({ frame, port, intent, names: this.#names, settings });
      return answer && { ...answer, service: service.name };
    } catch (error) {
      const asked = { hypervisor, port: port.id, service: service.name };
      logger.error({ ...asked, error: messageOf(error) }, "a question was not answered");
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
