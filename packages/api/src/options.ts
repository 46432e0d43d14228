import type { Clock, Logger } from "@loomstack/core";
import type {
  Authenticate,
  Explanations,
  Hypervisors,
  Measurements,
  Realised,
  Store,
  Switches,
  Traffic,
} from "@loomstack/model";
import type { HttpMeasurements } from "./metrics/http-measurements.ts";

/** What the northbound needs. */
export interface ApiOptions {
  readonly store: Store;
  /** The controller half, where it runs in this process. */
  readonly controller?: ControllerPorts | undefined;
  readonly authenticate: Authenticate;
  /** Whoever shows it may read metrics, and nothing else. Without one metrics are for administrators alone. */
  readonly metricsToken?: string | undefined;
  /** Whether all parts of the process have started, and none is being stopped. */
  readonly isServing: () => boolean;
  /** What measures the requests of the server that the northbound is part of. */
  readonly requests?: Pick<HttpMeasurements, "reading"> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the calls about the controller need. */
export interface ControllerPorts {
  readonly hypervisors: Hypervisors;
  readonly realised: Realised;
  readonly switches: Switches;
  readonly explanations: Explanations;
  readonly measurements: Measurements;
  readonly traffic: Traffic;
}

/** What each call about the controller is given. */
export interface ControllerApiOptions extends ControllerPorts {
  readonly store: Store;
  readonly clock: Clock;
}
