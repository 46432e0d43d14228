/** What northbounds may ask of the packets that ports have sent and got. The fabric implements it. */
import type { Uuid } from "@loomstack/core";
import type { PortCounters } from "./switches.ts";

/** As the switch sees it: `rx` is what the guest has sent, `tx` what it was sent. */
export type TrafficCounters = Omit<PortCounters, "port">;

export interface Traffic {
  /** Asks the port's hypervisor; who asks again within a second gets the same numbers. @throws MODEL__NOT_FOUND */
  port(id: Uuid): Promise<PortTraffic>;
  /** Asks every hypervisor that holds ports of the network. @throws MODEL__NOT_FOUND */
  network(id: Uuid): Promise<NetworkTraffic>;
}

export interface PortTraffic {
  readonly port: Uuid;
  /** The hypervisor where it was last seen, by key. */
  readonly hypervisor: string | null;
  /**
   * Null where they can't be had. They are Open vSwitch's own, and begin anew with the interface: when the guest starts
   * again, or is moved to another hypervisor.
   */
  readonly counters: TrafficCounters | null;
  /** Since when the switch has had the interface, in milliseconds since the epoch: what it counts has begun then. */
  readonly since: number | null;
  /** Why there are no counters; empty where there are. */
  readonly reason: string;
}

export interface NetworkTraffic {
  readonly network: Uuid;
  /** Of the ports whose counters could be had. It falls when a port goes or begins anew. */
  readonly sum: TrafficCounters;
  /** Those that are bound to a hypervisor. */
  readonly ports: readonly PortTraffic[];
}
