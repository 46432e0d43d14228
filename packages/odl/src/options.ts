import type { Clock, Logger } from "@loomstack/core";
import type { Authenticate, Hypervisors, Realised, Store } from "@loomstack/model";

/** What the northbound needs. */
export interface OdlOptions {
  readonly store: Store;
  readonly hypervisors: Hypervisors;
  readonly realised: Realised;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes of the largest IP packet that the network between the hypervisors carries. Default: 1500. */
  readonly underlayMtu?: number;
}
