import type { OfPort } from "@loomstack/core";
import { messageOf } from "@loomstack/core";
import type { Hypervisors } from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import type { ContestedFlow } from "../compile/desired-flows.ts";
import type { HypervisorState } from "../hypervisor-options.ts";
import type { ObservedHypervisor } from "../inventory/observed-hypervisor.ts";
import { isWatchCookie } from "../pipeline/cookies.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, bridgeNames } from "../pipeline/tables.ts";
import { type HeldBridge, type HeldHypervisor, heldPorts } from "./held-hypervisor.ts";

/** What explanations need of a hypervisor: the one way to what it should hold, and to what it holds. */
export interface ExplainedHypervisor {
  readonly key: string;
  readonly state: HypervisorState;
  /** Why it can't be seen, or what it waits for, in words. */
  readonly reason: string;
  /** The flows that it should hold, or those of one owner; each time they are computed anew, for as long as they are read. */
  planned(owner?: string): Iterable<PlannedFlow>;
  /** The flows that more than one owner asks for; computed anew where there are any. */
  contested(): readonly ContestedFlow[];
  /** Whether it should hold a flow of this identity (`flowKey`); costs a look. */
  plans(bridge: BridgeName, key: string): boolean;
  /** What its database says now; undefined while it can't be seen. */
  readonly observed: ObservedHypervisor | undefined;
  /** The connection of a bridge; undefined while it isn't there. */
  connection(bridge: BridgeName): ExplainedConnection | undefined;
}

export type ExplainedConnection = Pick<SwitchConnection, "dumpFlows" | "apply" | "applyBundle" | "send">;

/** Every hypervisor that is managed. `list` knows those as well that are asked for, and not managed yet. */
export interface ExplainedHypervisors extends Pick<Hypervisors, "list"> {
  readonly keys: Iterable<string>;
  get(key: string): ExplainedHypervisor | undefined;
}

/** Asks a hypervisor's switches what they hold. Gives the reason in words where they can't be asked. */
export async function readHeld(hypervisor: ExplainedHypervisor): Promise<HeldHypervisor | string> {
  const { observed, key } = hypervisor;
  if (observed === undefined) return hypervisor.reason;
  const ports = heldPorts(observed.bridges);
  const bridges = new Map<BridgeName, HeldBridge>();
  for (const bridge of bridgeNames) {
    const connection = hypervisor.connection(bridge);
    if (connection === undefined) return hypervisor.reason;
    try {
      bridges.set(bridge, {
        flows: (await connection.dumpFlows()).filter(({ cookie }) => !isWatchCookie(cookie)),
        ports: ports.get(bridge) ?? new Map<OfPort, never>(),
      });
    } catch (error) {
      return `${bridge} doesn't tell its flows: ${messageOf(error)}`;
    }
  }
  return { key, endpoint: observed.endpoint, bridges, planned: [...hypervisor.planned()] };
}
