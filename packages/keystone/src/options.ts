import type { Logger, RandomBytes } from "@loomstack/core";
import type { Identity, Store } from "@loomstack/model";

/** What the northbound needs. */
export interface KeystoneOptions {
  readonly store: Store;
  readonly identity: Identity;
  readonly random: RandomBytes;
  readonly logger: Logger;
  /** Whether this process serves the Networking API, which clients then find in the catalog. */
  readonly hasNetworking: boolean;
}
