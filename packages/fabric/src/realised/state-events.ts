/** Changes of state of ports and networks as events. However many there are, events are few. */
import type { Uuid } from "@loomstack/core";
import type { PortStatus } from "@loomstack/model";
import type { Concerned, TellEvent } from "../event-throttle.ts";

export type State = PortStatus["status"];

export interface StateChange {
  readonly kind: "port" | "network";
  readonly id: Uuid;
  /** That the port is of, or the network itself. */
  readonly network: Uuid;
  readonly before: State;
  readonly after: State;
  /** In words: why it is in this state. */
  readonly reason: string;
  /** Where the port is, by key. */
  readonly hypervisor: string | null;
  /** Whether it is so because somebody wants it, and not because something is broken. */
  readonly isWanted: boolean;
}

/**
 * At most `most` events, or a handful where that is less: one for each object, else one for the objects of each network
 * that have come into the same state, else one for all in the same state.
 */
export function stateEvents(changes: readonly StateChange[], most: number): Parameters<TellEvent>[] {
  if (changes.length <= most) return changes.map((change) => eventOf([change]));
  const ofNetworks = groupsOf(changes, ({ kind, after, network }) => `${kind} ${after} ${network}`);
  const groups = ofNetworks.length <= most ? ofNetworks : groupsOf(changes, ({ kind, after }) => `${kind} ${after}`);
  return groups.map(eventOf);
}

function groupsOf(changes: readonly StateChange[], by: (change: StateChange) => string): StateChange[][] {
  return [...Map.groupBy(changes, by).values()];
}

/** @param group of one kind, in the same state */
function eventOf(group: readonly StateChange[]): Parameters<TellEvent> {
  const [first] = group;
  if (first === undefined) throw new TypeError("a group has nothing in it");
  const { kind, id, after, before, reason, network } = first;
  const all = { hypervisor: common(group, (one) => one.hypervisor), network: common(group, (one) => one.network) };
  const severity = group.some(isTrouble) ? "warning" : "info";
  const state = after.toLowerCase();
  if (group.length === 1)
    return [
      severity,
      `${kind}-${state}`,
      `${kind} ${id} is ${after}, and was ${before}: ${reason}`,
      concerned(all, `${kind} ${id}`),
    ];
  const whose = kind === "network" ? "" : all.network === null ? " of several networks" : ` of network ${network}`;
  const message = `${group.length} ${kind}s${whose} are ${after} now; ${kind} ${id}: ${reason}`;
  const object = kind === "port" && all.network !== null ? `network ${network}` : undefined;
  return [severity, `${kind}s-${state}`, message, concerned(all, object)];
}

/** That something worked, and does no more, without anybody wanting it. */
function isTrouble({ before, after, isWanted }: StateChange): boolean {
  return before === "ACTIVE" && after !== "ACTIVE" && !isWanted;
}

/** What all of a group have; null where they differ. */
function common<Value>(group: readonly StateChange[], of: (change: StateChange) => Value): Value | null {
  const values = new Set(group.map(of));
  const [value] = values;
  return values.size === 1 && value !== undefined ? value : null;
}

function concerned({ hypervisor }: { readonly hypervisor: string | null }, object: string | undefined): Concerned {
  return { ...(hypervisor !== null && { hypervisor }), ...(object !== undefined && { object }) };
}
