import type { Clock, Logger, Uuid, RandomBytes } from "@loomstack/core";
import type { Store } from "@loomstack/model";
import type { HostConnections } from "./hosts/host-connections.ts";
import type { ProviderOf } from "./provider/network-provider.ts";

/** What can be set about the cloud. Times are in ms. */
export interface CloudSettings {
  /** How many jobs run at a time, and how many may wait. */
  readonly jobConcurrency: number;
  readonly jobLimit: number;
  /**
   * How often a job is begun before it is undone instead: a job that brings the process down must not do so for ever.
   */
  readonly jobAttempts: number;
  /** How long jobs are kept after their end. */
  readonly jobRetentionMs: number;
  /** How long an implemented network may be without any port before it is shut down (CloudStack's network.gc.wait). */
  readonly networkGcWaitMs: number;
  /** How long a destroyed instance is kept (CloudStack's expunge.delay). */
  readonly expungeDelayMs: number;
  /** How long a port may take to become ACTIVE. */
  readonly portActiveTimeoutMs: number;
  /** How long a host may take to be connected to. */
  readonly hostConnectTimeoutMs: number;
  /** How long a host is lost before it is called Down. */
  readonly hostDownAfterMs: number;
  /** How often is looked for what is to be cleaned up. */
  readonly reclaimIntervalMs: number;
  /**
   * What a guest may send in one packet (bytes), where its network doesn't say: it leaves room for the tunnel's
   * headers.
   */
  readonly guestMtu: number;
}

export const defaultSettings: CloudSettings = {
  jobConcurrency: 16,
  jobLimit: 1000,
  jobAttempts: 3,
  jobRetentionMs: 7 * 86_400_000,
  networkGcWaitMs: 600_000,
  expungeDelayMs: 86_400_000,
  portActiveTimeoutMs: 60_000,
  hostConnectTimeoutMs: 10_000,
  hostDownAfterMs: 60_000,
  reclaimIntervalMs: 5_000,
  guestMtu: 1450,
};

/** What all services of the cloud share. */
export interface CloudContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: RandomBytes;
  readonly settings: CloudSettings;
  readonly providerOf: ProviderOf;
  readonly connections: HostConnections;
  readonly events: EventLog;
}

/** Who asks. */
export interface Caller {
  readonly userId: Uuid;
  readonly account: string;
  readonly isAdmin: boolean;
}

export interface CloudEvent {
  readonly severity: "info" | "warning" | "error";
  /** In CloudStack's terms where it has one: `VM.START`. */
  readonly kind: string;
  readonly message: string;
  /** The id of the object concerned. */
  readonly object?: Uuid;
  /** The id of the host concerned. */
  readonly host?: Uuid;
}

/** Notes what happened. Never rejects: an event that can't be kept is logged. */
export interface EventLog {
  note(event: CloudEvent): Promise<void>;
}
