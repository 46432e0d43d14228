/** What northbounds may ask of the packets that ports have sent and got. The fabric implements it. */
import type { Uuid } from "@loomstack/core";
import type { PortCounters } from "./switches.ts";

/** As the switch sees it: `rx` is what the guest has sent, `tx` what it was sent. */
export type TrafficCounters = Omit<PortCounters, "port">;

/** What a port was refused: packets that its guest has sent and may not send, as port security has it. */
export interface RefusedCounters {
  readonly packets: string;
  readonly bytes: string;
}

export interface Traffic {
  /** Asks the port's hypervisor; who asks again within a second gets the same numbers. @throws MODEL__NOT_FOUND */
  port(id: Uuid): Promise<PortTraffic>;
  /** Asks every hypervisor that holds ports of the network. @throws MODEL__NOT_FOUND */
  network(id: Uuid): Promise<NetworkTraffic>;
  /**
   * How many packets the ports of each hypervisor were refused, those that are gone as well, by its key. One whose br-int
   * doesn't answer within a second is left out. Never rejects.
   */
  refusals(): Promise<ReadonlyMap<string, bigint>>;
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
  /**
   * Null where nothing is refused, because port security is off, and where the counters can't be had. `since` is when the
   * switch has begun to count them: when it got the flow that does.
   */
  readonly refused: (RefusedCounters & { readonly since: number }) | null;
  /** Why there are no counters; empty where there are. */
  readonly reason: string;
}

export interface NetworkTraffic {
  readonly network: Uuid;
  /** Of the ports whose counters could be had. It falls when a port goes or begins anew. */
  readonly sum: TrafficCounters;
  /** Of the same ports. */
  readonly refused: RefusedCounters;
  /** Those that are bound to a hypervisor. */
  readonly ports: readonly PortTraffic[];
}
