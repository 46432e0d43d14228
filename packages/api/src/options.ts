import type { Clock, Logger } from "@loomstack/core";
import type { Authenticate, Explanations, Hypervisors, Realised, Store, Switches } from "@loomstack/model";

/** What the northbound needs. */
export interface ApiOptions {
  readonly store: Store;
  /** The controller half, where it runs in this process. */
  readonly controller?: ControllerPorts | undefined;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the calls about the controller need. */
export interface ControllerPorts {
  readonly hypervisors: Hypervisors;
  readonly realised: Realised;
  readonly switches: Switches;
  readonly explanations: Explanations;
}

/** What each call about the controller is given. */
export interface ControllerApiOptions extends ControllerPorts {
  readonly store: Store;
  readonly clock: Clock;
}
