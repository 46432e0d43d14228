import type { ControllerReading, Intent, Measurements } from "@loomstack/model";
import type { HypervisorRegistry } from "./hypervisors.ts";
import type { PathProber } from "./paths/path-prober.ts";
import type { ServiceDispatcher } from "./services/service-dispatcher.ts";
import type { RealisedState } from "./realised/realised-state.ts";

export interface MeasuredParts {
  readonly intent: Intent;
  readonly registry: HypervisorRegistry;
  readonly realised: RealisedState;
  readonly prober: PathProber;
  readonly dispatcher: ServiceDispatcher;
}

/** Reads the parts of the controller, each of which counts what it does. */
export class ControllerMeasurements implements Measurements {
  readonly #parts: MeasuredParts;

  constructor(parts: MeasuredParts) {
    this.#parts = parts;
  }

  read(): ControllerReading {
    const { intent, registry, realised, prober, dispatcher } = this.#parts;
    return {
      networks: intent.networks.size,
      ports: intent.ports.size,
      ...registry.reading(),
      ...realised.reading(),
      questions: dispatcher.counters,
      paths: prober.reading(),
    };
  }
}
