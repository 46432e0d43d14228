import type { Clock, Logger, RandomBytes } from "@loomstack/core";
import type { Authenticate, Hypervisors, Realised, Store } from "@loomstack/model";

/** What the northbound needs. */
export interface NeutronOptions {
  readonly store: Store;
  readonly hypervisors: Hypervisors;
  readonly realised: Realised;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Chance, in bytes. */
  readonly random: RandomBytes;
  /** The domain of names in networks that have none, without a dot at its end. */
  readonly guestDomain: string;
  /** Bytes of the largest IP packet that the network between the hypervisors carries. Default: 1500. */
  readonly underlayMtu?: number;
}
